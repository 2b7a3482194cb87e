"""The fonts of a picture's title: letters that the drawing library's own font lacks come from those of the machine."""

from functools import cache

OWN = "DejaVu Sans"  # Latin, Greek, Cyrillic, Armenian, Georgian, Arabic, Hebrew
#: Fonts for Chinese, Japanese and Korean, then for the scripts of India and Thailand, as systems come with them.
OTHERS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR",
    "Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAGothic", "NanumGothic",
    "PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS", "Microsoft YaHei", "Yu Gothic",
    "Malgun Gothic", "Noto Sans Devanagari", "Noto Sans Thai", "Nirmala UI", "Leelawadee UI", "Thonburi",
)  # fmt: skip


@cache
def families() -> tuple[str, ...]:
    """Names of the fonts that are there, the first one for every letter that it has."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return (OWN, *(name for name in OTHERS if name in installed))
