"""The closed word lists, one sentence a word. Words that are data (regions, equipment, muscles) are records instead."""

from enum import StrEnum
from typing import Self

NO_EQUIPMENT = "none"
"""What the filter takes for exercises that need nothing; no exercise lists it."""


class Word(StrEnum):
    """A word with the label and the sentence that explain it to a reader."""

    label: str
    meaning: str

    def __new__(cls, value: str, label: str, meaning: str) -> Self:
        """Keep the value as the string itself, and what explains it beside it."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        word.meaning = meaning
        return word


class Tag(Word):
    """What a type of dysfunction asks an exercise to do. A tag says for whom, not what the exercise does to everybody."""

    MOBILIZE = "mobilize", "For types that need more movement", "Recommended for a type whose exercises are meant to mobilize."
    STABILIZE = "stabilize", "For types that need more support", "Recommended for a type whose exercises are meant to stabilize."


class Verdict(Word):
    """What is known of one exercise for one type. Treat a verdict you don't know as `avoid`."""

    RECOMMENDED = "recommended", "Recommended", "A source recommends it for this type."
    AVOID = "avoid", "Avoid", "A source says to avoid it for this type, directly or by the way it is done."
    UNKNOWN = "unknown", "Not judged", "No source says anything; that is not the same as safe."


class Intensity(Word):
    """How hard, where the source says so. Null is not 'firm': it means that the source doesn't say."""

    GENTLE = "gentle", "Gentle", "The source asks for gentleness."


class Action(Word):
    """What a caution asks for when its group applies."""

    AVOID = "avoid", "Leave it out", "People of this group should not do the exercise."
    MODIFY = "modify", "Do the variant", "People of this group do the named variant instead."
    ASK_FIRST = "ask-first", "Ask first", "Ask a clinician before doing the exercise."
    NOTE = "note", "Take note", "Something to mind while doing the exercise."


class Level(Word):
    """How soon a red flag needs a clinician."""

    EMERGENCY = "emergency", "Emergency", "Call your emergency number now."
    URGENT = "urgent", "Urgent", "See a clinician today or as soon as possible."
    MATERNITY = "maternity", "Maternity unit", "Call your midwife or maternity unit now."
    ROUTINE = "routine", "Make an appointment", "Get checked by a clinician before starting."


class Certainty(Word):
    """How sure this project is of a source: whether it was checked against a copy of the publication."""

    VERIFIED = "verified", "Verified", "Checked against a stored copy of the publication."
    UNVERIFIED = "unverified", "Unverified", "Well known, but not checked against a publication. It may warn, never permit."


class SourceKind(Word):
    """What kind of publication a source is: the weight that its statements carry."""

    GUIDELINE = "guideline", "Clinical guideline", "Recommendations of a professional body."
    SYSTEMATIC_REVIEW = "systematic-review", "Systematic review", "A review of all the studies that could be found."
    TRIAL = "trial", "Trial", "One controlled study."
    CONSENSUS = "consensus", "Expert consensus", "Agreement among experts, by a stated method."
    REVIEW = "review", "Narrative review", "An overview by its authors' choice of studies."
    STUDY = "study", "Study", "A study without a control group, of people or of measurements."
    LEAFLET = "leaflet", "Patient leaflet", "Printed for patients by a health service or clinic."
    EXPERT_OPINION = "expert-opinion", "Expert opinion", "One author's experience."
    COLLECTION = "collection", "Exercise collection", "A catalogue of exercises that knows neither conditions nor contraindications."
    CLASSIFICATION = "classification", "Classification", "An official list of codes."
    COMMON_KNOWLEDGE = "common-knowledge", "Common knowledge", "Widely taught; no publication was checked."
    PROJECT = "project-rule", "Rule of this project", "Our own reading or rule, not the source's."


class ExerciseKind(Word):
    """What sort of movement an exercise is; says nothing of whom it suits."""

    SELF_MASSAGE = "self-massage", "Self-massage", "Pressure on soft tissue with hands, a ball or a roller."
    MOBILITY = "mobility", "Mobility", "Slow movement to and fro through a comfortable range."
    STRETCH = "stretch", "Stretch", "A position held at the end of a comfortable range."
    MOTOR_CONTROL = "motor-control", "Motor control", "A small movement done precisely."
    ISOMETRIC = "isometric", "Isometric", "Muscles work while the joint holds still."
    STRENGTH = "strength", "Strength", "Movement against a load."
    CARDIO = "cardio", "Cardio", "Movement that raises the pulse for minutes."
    PLYOMETRIC = "plyometric", "Plyometric", "Jumps, throws and other explosive movement."


class TermKind(Word):
    """The word lists that are data."""

    REGION = "region", "Region", "A part of the body that an exercise works on."
    EQUIPMENT = "equipment", "Equipment", "A thing that an exercise needs."
    MUSCLE = "muscle", "Muscle", "A muscle or muscle group that an exercise works."


class SubjectKind(Word):
    """What a contraindication is about."""

    EXERCISE = "exercise", "Exercise", "An exercise of this catalogue."
    MOVEMENT_PATTERN = "movement-pattern", "Movement pattern", "A way of moving that many exercises may share."


class ViaKind(Word):
    """How a contraindication reaches an exercise that it doesn't name."""

    MOVEMENT_PATTERN = "movement-pattern", "Via a movement pattern", "The exercise moves in a way that is to be avoided."
    VARIANT_OF = "variant-of", "Via the exercise it is a variant of", "The exercise is a variant of one that is to be avoided."


class CodeRelation(Word):
    """How well a code of a classification fits what it stands for."""

    EQUIVALENT = "equivalent", "Equivalent", "The code means the same."
    BROADER = "broader", "Broader", "The code covers more."
    NARROWER = "narrower", "Narrower", "The code covers less."
    APPROXIMATE = "approximate", "Approximate", "The code is the nearest there is."


class Basis(Word):
    """Whose combination a program is."""

    SOURCE = "source", "As the source has it", "The exercises and their order are those that the source gives for one type."
    PROJECT_RULE = "project-rule", "A rule of this project", "The combination for several types is ours, not the source's."


class Edition(Word):
    """For whom a program is printed."""

    PATIENT = "patient", "Handout", "What the person needs to do it safely."
    CLINICIAN = "clinician", "For clinicians", "The same, with what others print as doses, the evidence and every source."


class View(Word):
    """How much of each exercise a list has."""

    FULL = "full", "Whole", "Every field."
    SUMMARY = "summary", "In short", "What a first screen needs, with every verdict, caution and resemblance."


class QuestionKind(Word):
    """What the answer to a question of the screening is for."""

    RED_FLAG = "red-flag", "Warning sign", "A yes wants a clinician before any exercise."
    SYMPTOMS = "symptoms", "Symptoms", "Whether there is anything to treat; a yes or a no."
    INDICATOR = "indicator", "Indicator", "A yes makes a type likely."
    GROUP = "group", "Group", "A yes changes how exercises are done, or which."


class Outcome(Word):
    """What a screening comes to."""

    REFER = "refer", "See a clinician first", "There is a red flag, or somebody is unsure of one: no program."
    INCOMPLETE = "incomplete", "More to ask", "A red flag was not asked about: no program."
    NOT_INDICATED = "not-indicated", "Not meant for you", "There are no symptoms, so there is nothing to treat: no program."
    LIKELY = "likely", "Likely", "Indicators, or groups that are signs, make one type or several likely; it is not a diagnosis."
    UNDETERMINED = "undetermined", "Type unknown", "Nothing sure points to a type: best assessed first."


class Scope(Word):
    """What a key allows."""

    EDIT = "edit", "Edit", "Write and retire exercises and sources."
    REVIEW = "review", "Review", "Sign exercises off."


class ChangeAction(Word):
    """What a change did to a record."""

    CREATED = "created", "Created", "The record is new."
    UPDATED = "updated", "Updated", "The record, or something derived in it, is different."
    RETIRED = "retired", "Retired", "The record is gone from the catalogue; its history stays."
    REVIVED = "revived", "Revived", "A retired record is back."
    REVIEWED = "reviewed", "Reviewed", "A clinician signed the record off."
    REVOKED = "revoked", "Revoked", "A key no longer opens anything."


class Channel(Word):
    """Through what a change came."""

    HTTP = "http", "The API", "A request with a key."
    IMPORT = "import", "An import", "A file loaded from the command line."
    SEED = "seed", "Seed data", "What a version of the program ships."
    SHELL = "shell", "The command line", "Another command."
