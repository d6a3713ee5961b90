"""The standing texts: this project's own words, hedged, and never a reassurance."""

INTENDED_USE = (
    "General information about rehabilitation exercises: for which type of a joint problem they are recommended, and who should avoid "
    "them. "
    "It is for people who build or use rehabilitation software. It is not a diagnosis and no substitute for a clinician. "
    "No clinician has reviewed it. 'Not listed' never means 'safe'."
)
DISCLAIMER = (
    "General information, not a diagnosis and not a prescription. Not reviewed by a clinician. "
    "It does not cover people under 16. What is not listed here is not thereby safe."
)
COMPARED = (
    f"{DISCLAIMER} Only names, aliases and steps in English were compared: pictures, videos and other languages were not. "
    "A verdict of unknown says that nothing is known, not that the exercise is safe."
)
NOT_REVIEWED = "Not reviewed by a clinician."
REFER = "Please get checked by a clinician before doing any exercise."
REFER_NOW = "Do this now, before anything else. Do no exercises until a clinician has checked you."
"""At the level of an emergency: nothing that could be read as a reason to wait."""
INCOMPLETE = "Some of the warning signs were not asked about. Silence is not a no: please answer them first."
NOT_INDICATED = (
    "The exercises here are meant for people who have these problems and want to treat them. "
    "If something does trouble you, ask a clinician."
)
LIKELY = "Your answers make this type likely; they don't prove it. Stop if anything gets worse, and ask a clinician if you are unsure."
LIKELY_BOTH = (
    "There are signs of more than one type; a clinician should decide. Until then, this program has only what suits all of them. "
    "That combination is a rule of this project."
)
LIKELY_AND_OPEN = (
    "Your answers make this type likely, but leave another one open; a clinician should decide. Until then, this program has only what "
    "suits all of them. That combination is a rule of this project."
)
UNDETERMINED = (
    "Your answers don't point to a type. It is best to be assessed by a clinician first. This program has only what is "
    "recommended for every type; that combination is a rule of this project."
)
NOT_THE_SOURCES = "This combination is a rule of this project: no publication gives it."
NOTHING_NAMED = "Nothing is named as something to avoid. That is not the same as safe."
NOT_CLEARED = "which some should avoid, and nobody has decided whether that holds here too. Ask a clinician."
"""Follows on the name of what an exercise resembles."""
NO_VARIANT_FOLLOWS = "No way of doing it follows all of these:"
"""Followed by the cautions that can't be followed together."""
RESTS_ON = (
    "What is recommended here, and what to avoid, rests on {}. Warning signs, cautions and "
    "steps come from other publications or from common knowledge; the clinicians' edition of this sheet names each."
)
"""Names the publications behind the recommendations, each with its kind; last line of a sheet."""
UNASKED = "Nobody asked about these. If one is true of you, ask for another program first:"
"""Followed by the groups that would change the program."""
