"""A second condition, made up: conditions and types are data."""

FROZEN_SHOULDER = """\
sources:
  - slug: made-up-book
    citation: A book that nobody wrote. 2026.
    kind: expert-opinion
    certainty: verified

condition:
  slug: frozen-shoulder
  name: Frozen shoulder
  summary: The shoulder moves less and less, and later more again.
  anatomy:
    - {text: The capsule is thick., source: {slug: made-up-book}}
  causes:
    - {slug: rest, name: Long rest, type: freezing, source: {slug: made-up-book}}
  source: {slug: made-up-book}

types:
  - slug: freezing
    condition: frozen-shoulder
    name: Freezing
    plain_name: Likely freezing
    patient_text: Your shoulder is strong.
    tag: stabilize
    conclusion: {text: It is likely freezing., source: {slug: made-up-book}}
    source: {slug: made-up-book}
  - slug: thawing
    condition: frozen-shoulder
    name: Thawing
    plain_name: Likely thawing
    patient_text: Your shoulder is strong.
    tag: mobilize
    conclusion: {text: It is likely thawing., source: {slug: made-up-book}}
    source: {slug: made-up-book}

indicators:
  - {slug: worse-at-night, type: freezing, question: Is it worse at night?, source: {slug: made-up-book}}

red_flags:
  - slug: numb-arm
    condition: frozen-shoulder
    level: urgent
    question: Is your arm numb?
    what_to_do: See a clinician today.
    source: {slug: made-up-book}

terms:
  - {kind: region, slug: shoulder, label: Shoulder}

patterns:
  - slug: arm-overhead
    name: Lifting the arm overhead
    contraindications:
      - {type: freezing, reason: It pinches., source: {slug: made-up-book}}
    source: {slug: made-up-book}

exercises:
  - slug: pendulum
    name: Pendulum
    regions: [shoulder]
    recommendations:
      - {type: freezing, position: 1, source: {slug: made-up-book}}
      - {type: thawing, position: 2, source: {slug: made-up-book}}
  - slug: wall-climb
    name: Wall climb
    regions: [shoulder]
    patterns: [arm-overhead]
    recommendations:
      - {type: thawing, position: 1, source: {slug: made-up-book}}
"""
