"""Names of the made-up town and of its people. Any likeness is chance."""

from numpy.random import Generator

BRIGADE, TITLE = "luandong", "栾东区交警大队（示例）"
SQUADRONS = (("s1", "一中队"), ("s2", "二中队"), ("s3", "三中队"), ("s4", "四中队"))

# From south to north, and from west to east: the streets of the grid.
STREETS = (
    "南环路", "纺织路", "清风街", "人民路", "杏花街", "滨河南路", "栾河路", "槐荫街", "中华路",
    "文昌街", "健康路", "兴业路", "学府路", "青松街", "工农路", "北苑路", "北环路",
)  # fmt: skip
AVENUES = (
    "西环路", "棉麻巷", "百泉路", "石桥巷", "迎宾大道", "丰泽路", "鼓楼西街", "永宁路", "书院巷",
    "鼓楼东街", "当代路", "东关街", "织造巷", "铁道西路", "铁道东路", "和平路", "东风路", "梨园路",
    "新华路", "果园路", "科创路", "东环路",
)  # fmt: skip
RADIALS = (
    "中华东路", "栾源公路", "当代北路", "栾柳公路", "中华西路", "栾平公路", "当代南路", "栾港公路",
)  # fmt: skip
RING = "大外环"
VILLAGES = (
    "柳家庄", "上河村", "王家湾", "石门村", "赵家集", "东岭村", "白杨店", "马家堡",
    "枣林村", "前营村", "后营村", "李家沟", "清泉村", "牛角湾", "大槐树村", "小槐树村",
    "周家铺", "刘家坡", "桃园村", "双庙村", "高家寨", "吴家圩", "沙河村", "莲花池村",
    "孙家楼", "郑家庙", "黑山口", "芦苇荡村", "陈家渡", "下坡村", "三官庙村", "杨树底",
    "范家屯", "南岗村", "北岗村", "何家桥", "胡家营", "古井村", "红旗村", "新建村",
)  # fmt: skip
SCHOOLS = (
    "第一小学", "实验小学", "滨河小学", "东关小学", "第一中学", "第二中学", "实验中学", "育才小学",
    "新华小学", "职教中心",
)  # fmt: skip
BARS = ("鼓楼酒吧街", "滨河夜市", "东关烧烤街", "科创美食广场")
STREET_OFFICES = ("城关街道办", "滨河街道办", "东关街道办")

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
)
GIVEN = (
    "伟强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏飞辉波斌宇浩凯健俊帆颖琳雪晶欢丹岩峰"
    "松柏建国志文海龙云成林东晓春立新宏庆永福瑞祥安宁佳慧思远博嘉琪彤然子轩"
)
RARE = "镕堃喆㛃𬭎"
"""Characters outside GB2312, the last two outside GBK and the basic plane: files must bear them."""


def people(random: Generator, count: int) -> list[str]:
    """So many different names of people; one in a dozen has a rare character."""
    found: dict[str, None] = {}
    while len(found) < count:
        surname, first, second = (
            pool[int(random.integers(len(pool)))] for pool in (SURNAMES, GIVEN, GIVEN)
        )
        number, short = len(found), random.random() < 0.2
        if number % 12 == 5:
            second = RARE[number // 12 % len(RARE)]
        found[surname + ("" if short else first) + second] = None
    return [*found]
