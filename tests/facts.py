"""What the source says, written down a second time and by hand: tests compare the program with this, not with itself."""

RECOMMENDED = {
    "stiff": ["self-massage", "cat-cow", "pelvic-tilts", "figure-4-stretch"],
    "unstable": ["self-massage", "pelvic-tilts", "cat-cow", "pelvic-list", "isometric-squats"],
}
"""In the source's order: 'A or B' in the order in which they are named."""

AVOIDED: dict[str, list[str]] = {"stiff": [], "unstable": ["wide-legs", "figure-4-stretch"]}
"""Movement patterns first."""

EXERCISES = ["cat-cow", "figure-4-stretch", "isometric-squats", "pelvic-list", "pelvic-tilts", "self-massage"]

FILTERS = {
    "tag": ["mobilize", "stabilize"],
    "region": ["low-back", "thoracic-spine", "pelvis", "buttocks", "hips", "thighs"],
    "equipment": ["none", "massage-ball", "foam-roller", "wall", "rail", "mat", "cushion", "towel-or-strap", "chair"],
    "condition": ["si-joint-dysfunction"],
}
"""Every filter that goes together with `type`, and every value it takes."""

SHIPPED = {
    "groups": """
        after-16-weeks blood-clot-or-anticoagulants fall-risk high-blood-pressure hip-replacement hypermobile
        inflammatory-flare knee-pain osteoporosis pregnant recent-heavy-fall recent-surgery recently-pregnant
        wrist-pain
    """,
    "indicators": """
        connective-tissue-disorder heavy-impact persistent-low-back-pain pregnant recently-pregnant very-flexible
        very-sedentary
    """,
    "red_flags": """
        abdominal-pain-after-birth abdominal-pain-in-pregnancy baby-movements bladder-or-bowel-changes
        bleeding-in-pregnancy both-legs chest-pain contractions fall-with-bone-risk fall-with-loss-of-function fever
        fever-in-pregnancy headache-or-vision-in-pregnancy heavy-bleeding-after-birth heavy-bleeding-in-pregnancy
        history-of-cancer infection-risk leg-weakness lump-or-changed-shape more-blood-loss-after-birth new-foot-drop
        new-sexual-problems numbness-between-the-legs pain-on-standing-after-birth pain-without-rest
        raised-temperature-after-birth serious-accident signs-of-spinal-arthritis swelling-in-pregnancy
        swollen-or-hot-leg under-16 urination-in-pregnancy waters-breaking weight-loss
    """,
    "sources": """
        acog-804 al-subahi-2017 bartsch-2021 behm-2020 bolgla-2005 clinton-2017 common-knowledge
        cuh-pelvic-girdle-pain downie-2013 drhardy-figure-4 elden-2005 engelbert-2017 enix-2019 finucane-2020
        fitforlifewellness-cat-cow gutke-2010 healthwise-hip-hike hypermobility-handout icd-10-cm-2026 jangra-2025
        kamali-2019 kkh-pelvic-tilt md-health-hip-hitch mittal-2021 motor-control-review mottola-2019
        myactivenutrition-cat-camel napanee-cat-camel nejati-2019 nelson-bay-figure-4 nhs-back-pain
        nhs-inform-back-exercises nhs-lower-back-exercises nhs-lying-on-the-back nhs-norfolk-cauda-equina
        nhs-pregnancy-stomach-exercise nice-ng59 nice-ng65 northern-care-alliance-pelvic-girdle-pain palsson-2019
        physiohub-pelvic-list project-rule rickert-2022 simonds-2022 source-text staywell-wall-squat stuge-2004
        stuge-2019 tennis-ball-page uhb-pregnancy-warning-signs verywell-pelvic-drop vleeming-2008 vleeming-2012
        yourmovementproject-2019 zabriskie-2022
    """,
    "variants": """
        cat-cow/on-forearms-or-fists cat-cow/seated figure-4-stretch/seated isometric-squats/shallow
        pelvic-tilts/all-fours pelvic-tilts/seated pelvic-tilts/side-lying pelvic-tilts/standing-at-the-wall
        self-massage/at-the-wall self-massage/on-the-floor
    """,
}
"""Slugs that version 0.1.0 shipped, those of variants below their exercise, with spaces between: none is dropped or re-used."""

PAGE_SIZES = [1, 2, 3, 4, 5, 6, 7, 100]


def is_avoided(slug: str, *types: str) -> bool:
    """Say whether any of the types should avoid an exercise."""
    return any(slug in AVOIDED[one] for one in types)


def is_recommended(slug: str, *types: str) -> bool:
    """Say whether all of the types recommend an exercise, and none avoids it."""
    return all(slug in RECOMMENDED[one] for one in types) and not is_avoided(slug, *types)
