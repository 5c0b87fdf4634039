"""Why a roster is as it is, why not otherwise, who else, what is missing, what a law costs."""
