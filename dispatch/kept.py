"""The district's files as decisions were made on them, kept by their hash beside the journal."""

from config.district import District, read
from config.reading import public_csv

FOLDER = ".qinwu/config"


def keep_files(district: District) -> None:
    """Keep each file that is not kept yet, without the columns that stand outside its hash."""
    folder = district.folder / FOLDER
    missing = [name for name, told in district.hashes.items() if not (folder / told).exists()]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    parts = read(district.folder)
    raw = {"settings.yaml": parts.settings.raw}
    raw |= {table.file: public_csv(table) for table in parts.tables.values() if table.present}
    for name in missing:
        fresh = folder / f"{district.hashes[name]}.new"
        fresh.write_bytes(raw[name])
        fresh.replace(folder / district.hashes[name])
