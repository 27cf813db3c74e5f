"""Names for colors that people can say: "dark teal", "dusty rose".

From the color survey of xkcd (Randall Munroe, 2010: 222,500 people named 5 million colors on their own screens),
https://xkcd.com/color/rgb.txt, published under CC0 1.0. Of its 949 names these are the ones that can be read out in any
room, one word order each; "grey" is spelled "gray". No package on PyPI carries the list but plotting libraries.
"""

from functools import lru_cache

import numpy as np

from ..model import RGB
from . import difference, spaces

SURVEY = """
black 000000 · almost black 070d0d · charcoal 343837 · charcoal gray 3c4142 · dark gray 363737 · gunmetal 536267
slate gray 59656d · medium gray 7d7f7c · steel gray 6f828a · battleship gray 6b7c85 · gray 929591 · cool gray 95a3a6
warm gray 978a84 · cement a5a391 · silver c5c9c7 · light gray d8dcd6 · pale gray fdfdfe · white ffffff
off white ffffe4 · ivory ffffcb · eggshell ffffd4 · cream ffffc2 · parchment fefcaf · ecru feffca
greenish gray 96ae8d · green gray 77926f · bluish gray 748b97 · blue gray 607c8e · purplish gray 7a687f
purple gray 866f85 · brownish gray 86775f · brown gray 8d8468 · pinkish gray c8aca9 · reddish gray 997570
light blue gray b7c9e2 · light gray blue 9dbcd4 · light gray green b7e1a1 · dark blue gray 1f3b4d
dark gray blue 29465b · gray blue 6b8ba4 · gray green 789b73 · gray brown 7f7053 · gray purple 826d8c
gray pink c3909b · gray teal 5e9b8a
taupe b9a281 · dark taupe 7f684e · stone ada587 · putty beae8a · mushroom ba9e88 · beige e6daa6 · light beige fffeb6
dark beige ac9362 · tan d1b26f · light tan fbeeac · dark tan af884a · pinkish tan d99b82 · greenish tan bccb7a
sand e2ca76 · dark sand a88f59 · sandstone c9ae74 · sandy brown c4a661 · sand brown cba560 · fawn cfaf7b
camel c69f59 · buff fef69e · wheat fbdd7e · straw fcf679 · khaki aaa662 · dark khaki 9b8f55 · light khaki e6f2a2
drab 828344 · desert ccad60
brown 653700 · dark brown 341c02 · very dark brown 1d0200 · deep brown 410200 · light brown ad8150
very light brown d3b683 · pale brown b1916e · medium brown 7f5112 · dull brown 876e4b · warm brown 964e02
golden brown b27a01 · reddish brown 7f2b0a · red brown 8b2e16 · orange brown be6400 · yellow brown b79400
greenish brown 696112 · olive brown 645403 · purplish brown 6b4247 · purple brown 673a3f · pinkish brown b17261
chocolate 3d1c02 · chocolate brown 411900 · milk chocolate 7f4e1e · coffee a6814c · mocha 9d7651 · cocoa 875f42
chestnut 742802 · mahogany 4a0100 · auburn 9a3001 · sepia 985e2b · umber b26400 · sienna a9561e
burnt sienna b04e0f · burnt umber a0450e · russet a13905 · rust a83c09 · rust brown 8b3103 · rust red aa2704
rusty orange cd5909 · copper b66325 · bronze a87900 · caramel af6f09 · cinnamon ac4f06 · leather ac7434
clay b66a50 · clay brown b2713d · terracotta ca6641 · adobe bd6c48 · brick a03623 · brick red 8f1402
red e50000 · dark red 840000 · deep red 9a0200 · light red ff474c · bright red ff000d · dull red bb3f3f
faded red d3494e · dusty red b9484e · pale red d9544d · pastel red db5856 · brownish red 9e3623 · scarlet be0119
crimson 8c000f · cherry cf0234 · ruby ca0147 · blood red 980002 · tomato ef4026 · tomato red ec2d01
vermilion f4320c · wine 80013f · wine red 7b0323 · burgundy 610023 · maroon 650021 · dark maroon 3c0008
light maroon a24857 · cranberry 9e003a · carmine 9d0216
pink ff81c0 · light pink ffd1df · pale pink ffcfdc · soft pink fdb0c0 · hot pink ff028d · bright pink fe01b1
deep pink cb0162 · dark pink cb416b · dull pink d5869d · dusty pink d58a94 · dirty pink ca7b80 · faded pink de9dac
muted pink d1768f · grayish pink c88d94 · brownish pink c27e79 · old pink c77986 · rose cf6275 · dark rose b5485d
dusty rose c0737a · old rose c87f89 · pale rose fdc1c5 · light rose ffc5cb · blush f29e8e · salmon ff796c
light salmon fea993 · pale salmon ffb19a · dark salmon c85a53 · coral fc5a50 · dark coral cf524e · melon ff7855
watermelon fd4659 · raspberry b00149 · magenta c20078 · dark magenta 960056 · fuchsia ed0dd9 · powder pink ffb2d0
peach ffb07c · light peach ffd8b1 · pale peach ffe5ad · dark peach de7e5d · apricot ffb16d
orange f97306 · light orange fdaa48 · pale orange ffa756 · bright orange ff5b00 · dark orange c65102
burnt orange c04e01 · dull orange d8863b · dusty orange f0833a · faded orange f0944d · pastel orange ff964f
brownish orange cb7723 · dirty orange c87606 · red orange fd3c06 · tangerine ff9408 · pumpkin e17701
mango ffa62b · amber feb308 · saffron feb209 · butterscotch fdb147 · squash f2ab15 · marigold fcc006
yellow ffff14 · light yellow fffe7a · pale yellow ffff84 · bright yellow fffd01 · dark yellow d5b60a
dull yellow eedc5b · pastel yellow fffe71 · golden yellow fec615 · orange yellow ffad01 · sandy yellow fdee73
brownish yellow c9b003 · lemon fdff52 · sunflower ffc512 · goldenrod fac205 · gold dbb40c · dark gold b59410
pale gold fdde6c · light gold fddc5c · mustard ceb301 · dark mustard a88905 · light mustard f7d560
mustard brown ac7e04 · ochre bf9005 · maize f4d054 · butter ffff81 · custard fffd78 · dark cream fff39a
green 15b01a · dark green 033500 · very dark green 062e03 · deep green 02590f · light green 96f97b
pale green c7fdb5 · bright green 01ff07 · medium green 39ad48 · dull green 74a662 · dusty green 76a973
muted green 5fa052 · faded green 7bb274 · soft green 6fc276 · pastel green b0ff9d · grayish green 82a67d
dirty green 667e2c · yellow green c0fb2d · dark yellow green 728f02 · olive 6e750e · dark olive 373e02
light olive acbf69 · pale olive b9cc81 · olive green 677a04 · dark olive green 3c4d03 · olive drab 6f7632
army green 4b5d16 · military green 667c3e · camouflage green 4b6113 · navy green 35530a · moss 769958
moss green 658b38 · dark sage 598556 · sage 87ae73 · light sage bcecac · sage green 88b378 · slate green 658d6d
khaki green 728639 · swamp 698339 · avocado 90b134 · pear cbf85f · lime aaff32 · lime green 89fe05
grass green 3f9b0b · leaf 71aa34 · leaf green 5ca904 · fern 63a950 · fern green 548d44 · forest green 06470c
light forest green 4f9153 · hunter green 0b4008 · bottle green 044a05 · evergreen 05472a · pine 2b5d34
pine green 0a481e · spruce 0a5f38 · jungle green 048243 · emerald 01a049 · jade 1fa774 · shamrock 01b44c
viridian 1e9167 · sea green 53fca1 · dark sea green 11875d · seafoam 80f9ad · dark seafoam 1fb57a · mint 9ffeb0
light mint b6ffbb · dark mint 48c072 · celadon befdb7 · pistachio c0fa8b · chartreuse c1f80a
teal 029386 · dark teal 014d4e · deep teal 00555a · light teal 90e4c1 · pale teal 82cbb2 · dull teal 5f9e8f
dusty teal 4c9085 · grayish teal 719f91 · teal blue 01889f · teal green 25a36f · blue green 137e6d
dark blue green 005249 · dark green blue 1f6357 · turquoise 06c2ac · dark turquoise 045c5a · light turquoise 7ef4cc
pale turquoise a5fbd5 · aqua 13eac9 · dark aqua 05696b · light aqua 8cffdb · aquamarine 04d8b2 · petrol 005f6a
cyan 00ffff · dark cyan 0a888a · light cyan acfffc · ocean 017b92 · sea 3c9992 · topaz 13bbaf
blue 0343df · dark blue 00035b · very dark blue 000133 · deep blue 040273 · light blue 95d0fc · pale blue d0fefe
very light blue d5ffff · bright blue 0165fc · medium blue 2c6fbb · mid blue 276ab3 · dull blue 49759c
dusty blue 5a86ad · dusky blue 475f94 · muted blue 3b719f · faded blue 658cbb · soft blue 6488ea
pastel blue a2bffe · grayish blue 5e819d · off blue 5684ae · cool blue 4984b8 · flat blue 3c73a8 · dirty blue 3f829d
stormy blue 507b9c · steel blue 5a7d9a · slate 516572 · slate blue 5b7c99 · dark slate blue 214761
cadet blue 4e7496 · denim 3b638c · metallic blue 4f738e · navy 01153e · navy blue 001146 · dark navy 000435
light navy 155084 · midnight 03012d · midnight blue 020035 · twilight 4e518b · twilight blue 0a437a
dusk 4e5481 · dusk blue 26538d · marine blue 01386a · marine 042e60 · prussian blue 004577 · peacock blue 016795
deep sea blue 015482 · ocean blue 03719c · sea blue 047495 · water blue 0e87cc · cerulean 0485d1 · azure 069af3
sky blue 75bbfd · light sky blue c6fcff · dark sky blue 448ee4 · baby blue a2cffe · powder blue b1d1fc
ice blue d7fffe · cornflower blue 5170d7 · cobalt 1e488f · royal blue 0504aa · sapphire 2138ab · ultramarine 2000b1
electric blue 0652ff · french blue 436bad · periwinkle 8e82fe · light periwinkle c1c6fc
purple 7e1e9c · dark purple 35063e · very dark purple 2a0134 · deep purple 36013f · light purple bf77f6
pale purple b790d4 · bright purple be03fd · medium purple 9e43a2 · dull purple 84597e · dusty purple 825f87
dusky purple 895b7b · muted purple 805b87 · faded purple 916e99 · soft purple a66fb5 · pastel purple caa0ff
grayish purple 887191 · brownish purple 76424e · royal purple 4b006e · violet 9a0eea · dark violet 34013f
deep violet 490648 · light violet d6b4fc · pale violet ceaefa · indigo 380282 · dark indigo 1f0954
lavender c79fef · dark lavender 856798 · dusty lavender ac86a8 · light lavender dfc5fe · pale lavender eecffe
deep lavender 8d5eb7 · lilac cea2fd · dark lilac 9c6da5 · deep lilac 966ebd · pale lilac e4cbff · heather a484ac
mauve ae7181 · dark mauve 874c62 · light mauve c292a1 · plum 580f41 · dark plum 3f012c · light plum 9d5783
eggplant 380835 · light eggplant 894585 · aubergine 3d0734 · grape 6c3461 · mulberry 920a4e · berry 990f4b
orchid c875c4 · amethyst 9b5fc0 · wisteria a87dc2 · iris 6258c4 · blueberry 464196
"""


# A session's files and the gallery name the same swatches again after each change; one name takes half a millisecond.
@lru_cache(maxsize=65_536)
def color_name(rgb: RGB) -> str:
    """The name of the survey's color that is nearest by CIEDE2000 to an sRGB color, 0-255."""
    names, lab = _survey()
    return names[int(np.argmin(difference.delta_e_2000(lab, spaces.lab_from_srgb(np.asarray(rgb, float)))))]


@lru_cache(maxsize=1)
def _survey() -> tuple[tuple[str, ...], np.ndarray]:
    """Names and their CIELAB rows."""
    entries = [entry.rsplit(maxsplit=1) for line in SURVEY.split("\n") for entry in line.split("·") if entry.strip()]
    rgb = np.array([list(bytes.fromhex(code)) for _, code in entries])
    return tuple(name.strip() for name, _ in entries), spaces.lab_from_srgb(rgb)
