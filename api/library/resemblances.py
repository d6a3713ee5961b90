"""How people describe a movement without naming it: the table of rules behind `possible_match`.

A row belongs to a pattern or an exercise by its slug, and counts only where the library has that and some type avoids it. What
it is *called* stands in its record: name, aliases, search terms. `api/library/phrasing.py` explains the notation.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain

from api.library import phrasing
from api.library.phrasing import Sayings, found_in, unstruck

WORDS = {
    # What is spoken of
    "LEGS": "feet foot legs leg knees thighs heels stance footing",
    "BOTH": "feet legs knees thighs",
    "LEG": "leg legs thigh thighs foot feet",
    "ANKLE": "ankle ankles malleolus malleoli foot heel shin",
    "KNEE": "knee knees kneecap kneecaps patella thigh thighs femur quad quads quadricep quadriceps",
    "HIPS": "hip hips shoulder shoulders pelvis",
    "STANCE": "stance stances base footing straddle squat squats lunge lunges leg legs legged foot feet footed knee knees kneeling",
    "HELD": (
        "grip grips grasp hold hand hands handed arm arms elbow elbows fingers bar bench box board band pad pads mat strap towel "
        "loop arc arcs circle circles range variety door doorway chest back"
    ),
    # What else may be wide, apart or laid on a knee: no gap reaches across it
    "OTHERS": (
        "hand hands arm arms elbow elbows forearm forearms palm palms finger fingers fist fists wrist wrists grip grips grasp chest "
        "head eyes mouth toes weight bar barbell dumbbell dumbbells kettlebell kettlebells handle handles rope towel band bands "
        "strap belt pole stick box boxes cone cones hurdle hurdles bench benches chair chairs partner partners ball roller torso"
    ),
    "HANDS": "hand hands arm arms elbow elbows palm palms fingers grip",
    # How far
    "WIDE": "wide wider widely widest broad broader",
    "WIDTH": "width widths distance breadth",
    "SPREAD": (
        "spread spreads spreading open opens opening part parting straddle straddling separate separating widen "
        "widens widening splay splaying abduct abducts abducting"
    ),
    "FAR": "far further farther well",
    "SIDE": "side sides sideways sidewards outward outwards laterally apart",
    "MORE": "more greater larger bigger broader further farther beyond past outside exceed exceeds exceeding",
    "TWICE": "twice double times x half 1.5 150 200",
    "SMALL": "slightly little bit inch inches cm centimetre centimetres centimeter centimeters few small narrow comfortable comfortably",
    "FAR_INCHES": "28 30 32 34 35 36 38 40 42 45 48 50 60",
    "FAR_CM": "60 65 70 75 80 85 90 95 100 110 120 130 140 150",
    "NUMBER": "1 2 3 4 5 6 7 8 9 10 12 15 20 30 40 50 100 one two three four five six eight ten few several couple of",
    "STEPS": "2 2.5 3 3.5 4 4.5 5 two three four five several",
    # Words in between
    "THE": "a an the your both each of",
    "ABOUT": "about at around roughly approximately to of a an the same as your directly , no",
    "OF_A_STANCE": (
        "than the your a s shoulder shoulders hip hips width distance apart athletic stable comfortable solid strong very sumo squat "
        "split staggered standing seated kneeling straddle of leg foot normal usual regular"
    ),
    "OF_A_GRIP": (
        "than the your a s shoulder shoulders hip hips width distance apart overhand underhand pronated supinated neutral snatch "
        "double hook medium close flat"
    ),
    "SET": (
        "are is be being should set placed place positioned position spread kept keep held stretched moved planted out open wide "
        "wider far further farther well fully completely really very quite fairly"
    ),
    "OTHER": "other opposite opposing contralateral left right",
    "OF_THE_OTHER": (
        "top of the your a other opposite opposing contralateral left right first bent inner outer inside outside upper lower front back "
        "just far side it its leg s to"
    ),
    "ON": "on over across atop upon onto against",
    "CROSS": "cross crosses crossed crossing",
    "LAY": "place placing rest resting cross crossing put putting lay laying set bring bringing prop",
    "NOT": "no not never nor without avoid avoids avoiding don doesn shouldn isn aren mustn won needn wouldn cannot",
}

_OTHERS = frozenset(WORDS["OTHERS"].split())

KEPT = 1_000
"""Of so many texts it is remembered what was recognised in them."""


WAYS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "wide-legs": {
        "unlike": (
            # what isn't to be done
            "NOT ..4 WIDE",
            "NOT ..6 apart",
            "NOT ..5 fall/falls/drop/drops/flop",
            "NOT ..4 SPREAD",
            "NOT ..4 straddle/sumo",
            "NOT ..2 MORE",
            "from going/moving/getting/drifting/falling ..2 WIDE/apart",
            "instead/rather of/than ..3 WIDE",
            # hip or shoulder width
            "HIPS wide",
            "!twice as WIDE/far apart* as THE* HIPS",
            "!than HIPS s* WIDTH apart",
            "SPREAD THE* BOTH ABOUT* ~HIPS s* ~WIDTH",
            "spread/apart/open ABOUT* ~HIPS s* ~WIDTH",
            "spread/apart/open ABOUT* WIDTH of THE* HIPS",
            # a little apart
            "!FAR_CM !FAR_INCHES SMALL ..3 apart/spread/open",
            "SPREAD THE* BOTH ..2 slightly/little/small/few",
            # hands, grips, things and feet that are a measure
            "NUMBER feet/foot apart/away/from/in/high/tall/long",
            "!LEGS WIDE OF_A_GRIP* HELD",
            "OTHERS ..3 wider than THE* LEGS",
            "HANDS ..3 WIDE",
            "HANDS ..3 apart",
        ),
        "told": (
            "LEGS ...12 WIDE",
            "WIDE OF_A_STANCE* STANCE",
            "stand/step/jump/hop/land/straddle/squat out/with* WIDE",
            "stand/start/begin in a* wide position",
            "LEGS ... ~HIPS ~WIDTH ~apart* or WIDE",
            "LEGS ... MORE than* THE* ~HIPS s* ~WIDTH",
            "LEGS ... MORE than* THE* ~WIDTH of THE* ~HIPS",
            "LEGS ... outside/beyond of* THE* line* THE* ~HIPS",
            "LEGS ... out past THE* ~HIPS",
            "LEGS ... TWICE THE* ~WIDTH* THE* ~HIPS",
            "LEGS ... TWICE as WIDE/far",
            "WIDE/large/big gap/space/distance between THE* LEGS",
            "~STEPS ~feet/ft/m/metres/meters between THE* LEGS",
            "FAR_INCHES/FAR_CM inches/cm/centimetres/centimeters between THE* LEGS",
            "metre/meter/yard and/a/half* between THE* LEGS",
            "LEGS ... mat s* WIDTH",
            "LEGS ... edges/sides of THE* mat",
            "BOTH SET* apart",
            "LEGS ... FAR apart",
            "LEGS ... ~STEPS to/or* ~STEPS* ~feet/ft/m/metres/meters/yards ~apart",
            "LEG ... ~STEPS ~feet/ft/m/metres/meters out* to THE* side/left/right",
            "LEGS ... 1* m/metre/meter/yard and/a/half* apart",
            "LEGS ... FAR_INCHES to/or* FAR_INCHES* inches* apart",
            "LEGS ... FAR_CM to/or* FAR_CM* cm/centimetres/centimeters apart",
            "LEGS ... away/far from each/one other/another",
            "SPREAD THE* BOTH",
            "abduct/abducts/abducting THE* hips",
            "slide/slides/walk/move/step THE* heels apart",
            "widen/widening THE* stance/base",
            "BOTH ... spread/straddled/abducted/splayed/parted/opened",
            "spread eagle/eagled",
            "straddle/straddles/straddling/straddled/astride",
            "LEGS on either/each/both side/sides",
            "LEGS ... let them ..2 open/apart/fall/slide/out",
            "LEG ... as far out/away/over* to* THE* SIDE as",
            "LEG ... SIDE as far/high as",
            "LEG ... as far/high as ..4 out* to THE* SIDE",
            "split/splits/slide/slides THE* BOTH* to/out* THE* SIDE",
            "side/middle/centre/center/straddle/box/russian split/splits",
            "the splits",
            "feet/legs out* to THE* sides",
            "LEG out* far/way/wide/high/straight/stretched/extended out* to THE* side/left/right",
            "LEG ... other stretched/extended/straight straight* out* to THE* side",
            "stretch/extend ..3 LEG out* sideways/laterally",
            "extend ..3 LEG straight* out to THE* side",
            "side/lateral/cossack/archer/sideways step/out* lunge/lunges/squat/squats",
            "step/stepping laterally/sideways into* a* deep/wide/low* lunge/squat",
            "lunge/lunges sideways/laterally",
            "lunge/lunges out* to THE* side/left/right",
            "step/stepping out* to/sideways/laterally THE* side* and ...3 lunge",
            "big/large/long/giant/wide step/stride out* to THE* side/left/right",
            "big/large/long/giant/wide step/stride sideways/laterally",
            "LEGS ... in/into a v",
            "a WIDE* v with THE* LEGS",
            "star shape with THE* arms/and* THE* LEGS",
            "soles/bottoms ... together/touch/touching",
            "drop/let/allow THE* knees open",
            "BOTH ..2 fall/falls/drop/drops/flop/relax/sink/open/lower out/outward/outwards/apart/open",
            "plie/plies/cossack/cossacks/sumo",
            "star/jumping/seal/plank jump/jumps/jack/jacks",
            "butterfly/frog/cobbler/cobblers s* like* position/pose/stretch",
            "LEGS ... in/into/to a* butterfly",
            "bound/wide angle pose",
            "goddess/temple/warrior/garland/malasana/yogi/victory pose/squat",
            "in/into/to/from warrior 1/2/one/two/i/ii",
            "horse riding* stance",
            "happy/ananda baby/balasana",
            "in/into/to/ballet second position",
        ),
        "named": (
            "groin/adductor/adductors ... stretch/stretches/rock/rocks/rocking",
            "stretch ... groin/adductor/adductors",
            "stretch ... inner thigh/thighs",
            "inner thigh/thighs stretch/stretches/stretching",
            "lunge/lunges , side/lateral/sideways",
            "butterfly/butterflies/frog/pancake/cobbler/cobblers/tailor/tailors s* hip* stretch/pose/fold/squat/squats/pump/pumps",
            "butterfly/frog/tailor jump/jumps/bridge/bridges/crunch/crunches/sit/situp/situps/sitting",
            "seated/sitting/reclined/reclining/supine/half butterfly/frog",
            "wide child/childs s* pose",
            "warrior 1/2/one/two/i/ii",
            "bound/wide/side angle",
            "triangle/star/pointed pose/star",
            "skandasana/upavistha/upavishta/prasarita/baddha/konasana/samakonasana/malasana/mandukasana/trikonasana/virabhadrasana",
            "frogger/froggers/dragonfly",
        ),
    },
    "figure-4-stretch": {
        "unlike": (
            "NOT ... ON OF_THE_OTHER* KNEE",
            "on/to THE* floor/ground/mat ..4 ON",
            "OTHERS ON OF_THE_OTHER* KNEE",
            "KNEE height/level/high",
            "see figure/fig 4",
        ),
        "told": (
            "ANKLE ... ON OF_THE_OTHER* KNEE",
            "ANKLE ... above/below THE* OTHER KNEE",
            "ANKLE ... ON OF_THE_OTHER* leg ,* just* above/below the* knee",
            "ANKLE ... over/across OF_THE_OTHER* OTHER hip",
            "lower leg ON OF_THE_OTHER* KNEE",
            "leg ..2 over/across THE* OTHER KNEE",
            "LEG ... LAY it ON OF_THE_OTHER* KNEE",
            "calf/shin rests/lies/sits/resting/lying* ON OF_THE_OTHER* OTHER KNEE",
            "CROSS ..3 leg/shin/calf ..3 ON OF_THE_OTHER* KNEE",
            "leg/shin/calf CROSS ON OF_THE_OTHER* KNEE",
            "ON THE* OTHER KNEE , LAY THE* OTHER* ANKLE",
            "ON THE* OTHER KNEE LAY THE* OTHER* ANKLE",
            "ankle to THE* OTHER KNEE",
            "CROSS ...12 ankle is/sits/rests/just* above/past/beyond/to THE* OTHER* KNEE",
            "CROSS THE* OTHER* ANKLE in front of THE* OTHER KNEE",
            "KNEE ... ANKLE ..2 CROSS ON it",
            "shape/number/like of* a* 4",
            "shape/like of* a four",
            "4/four shape/shaped",
            "a 4/four with THE* LEGS",
        ),
        "named": (
            "ankle ... knee/thigh",
            "number 4/four",
            "4/four figure ..2 stretch/pose",
            "kapotasana/rajakapotasana/sukhirandhrasana/agnistambhasana",
            "fire log",
        ),
    },
}
"""Each movement by the slug of its pattern or exercise, and how it is described: see `Way`."""


class Way:
    """How a movement is described: a row of the table, ready to be looked for."""

    def __init__(self, *, unlike: Sequence[str], told: Sequence[str], named: Sequence[str]) -> None:
        """Compile how a step or a name tells it, and how a name alone does; what is `unlike` it is struck out before."""
        self._unlike, self._told, self._named = (Sayings(texts, WORDS, _OTHERS) for texts in (unlike, told, named))
        # An edit changes only a text or two of many.
        self._in_name = lru_cache(KEPT)(lambda text: self._found(text, (self._told, self._named)))
        self._in_step = lru_cache(KEPT)(lambda text: self._found(text, (self._told,)))
        self.without_unlike = lru_cache(KEPT)(lambda text: unstruck(self._unlike.strike(text)))
        """Leaves out of tokens what sounds like it and is something else."""

    def found(self, names: Sequence[str], steps: Sequence[str]) -> list[str]:
        """Give the words of names and steps, as tokens, that tell it."""
        return list(chain(*map(self._in_name, names), *map(self._in_step, steps)))

    def _found(self, text: str, sayings: Sequence[Sayings]) -> list[str]:
        likely = [saying for family in sayings for saying in family.likely_in(text)]
        return found_in(self._unlike.strike(text), likely) if likely else []


_DENIED = re.compile(rf"(?<= )(?:{WORDS['NOT'].replace(' ', '|')}) (?:(?![.,]|(?:and|but|then|while) )[^ ]+ ){{0,4}}")


def without_denied(text: str) -> str:
    """Leave out of tokens what isn't to be done: the words of a clause that follow on a "not" or a "never"."""
    return _DENIED.sub("", text)


@lru_cache(KEPT)
def tokens(text: str) -> str:
    """Write a text as the table reads it."""
    return phrasing.tokens(text, _OTHERS)


@cache
def ways() -> dict[str, Way]:
    """Give the table by slug; it is compiled when it is first needed."""
    return {slug: Way(**texts) for slug, texts in WAYS.items()}
