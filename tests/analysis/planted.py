"""Why: a check that cannot fail is a defect. For each tool a small file with a mistake that it must find, and a word of its complaint."""
MISTAKES = {
    "gcc": ("planted.c", "#include <stdlib.h>\nint f(int a);\nint f(int a)\n{\n    char *p = malloc(10);\n    if (!p)\n        return 0;\n    free(p);\n    if (a)\n        free(p);\n    return a;\n}\n"),
    "clang-tidy": ("planted.c", "#include <string.h>\nint f(const char *a, const char *b);\nint f(const char *a, const char *b)\n{\n    return strcmp(a, b) == 2;\n}\n"),
    "cppcheck": ("planted.c", "int f(int a);\nint f(int a)\n{\n    int list[4] = {0};\n    list[4] = a;\n    return list[0];\n}\n"),
    "shellcheck": ("planted.sh", "#!/bin/sh\nrm -rf \"$1/\"*\ncd $unknown\n"),
}
SIGNS = {"gcc": "double", "clang-tidy": "bugprone-suspicious-string-compare", "cppcheck": "arrayIndexOutOfBounds", "shellcheck": "SC2154"}
