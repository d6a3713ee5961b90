"""A service as the tutorials of FastAPI and SQLModel write it: tables with relationships, a session a request, `response_model`.

uvicorn tests.bench.tutorial:app      (TUTORIAL_DATABASE names its file, TUTORIAL_SEED what is in it: items of `GET /exercises`)
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy import JSON, Column
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, select

engine = create_engine(f"sqlite:///{os.environ['TUTORIAL_DATABASE']}", connect_args={"check_same_thread": False}, pool_size=40)
DETAILS = ("contraindications", "cautions", "dosages", "images")


class ExerciseBase(SQLModel):
    slug: str
    name: str
    kind: str | None
    summary: str | None
    start: str | None
    aliases: list[str] = Field(sa_column=Column(JSON))
    steps: list[str] = Field(sa_column=Column(JSON))
    regions: list[str] = Field(sa_column=Column(JSON))
    equipment: list[str] = Field(sa_column=Column(JSON))


class ExerciseRow(ExerciseBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    details: list["DetailRow"] = Relationship(back_populates="exercise")
    recommendations: list["RecommendationRow"] = Relationship(back_populates="exercise")


class RecommendationBase(SQLModel):
    type: str = Field(index=True)
    position: int
    choice: int
    intensity: str | None
    note: str | None


class RecommendationRow(RecommendationBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int | None = Field(default=None, foreign_key="exerciserow.id")
    exercise: ExerciseRow = Relationship(back_populates="recommendations")


class DetailBase(SQLModel):
    kind: str
    content: dict[str, Any] = Field(sa_column=Column(JSON))


class DetailRow(DetailBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    exercise_id: int | None = Field(default=None, foreign_key="exerciserow.id")
    exercise: ExerciseRow = Relationship(back_populates="details")


class ExercisePublic(ExerciseBase):
    recommendations: list[RecommendationBase]
    details: list[DetailBase]


def fill() -> None:
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        for one in json.loads(Path(os.environ["TUTORIAL_SEED"]).read_text(encoding="utf-8")):
            exercise = ExerciseRow(**{name: one[name] for name in ExerciseBase.model_fields})
            exercise.recommendations = [RecommendationRow(**each) for each in one["recommendations"]]
            exercise.details = [DetailRow(kind=kind, content=each) for kind in DETAILS for each in one[kind]]
            session.add(exercise)
        session.commit()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    fill()
    yield


app = FastAPI(lifespan=lifespan)


def session_of_request() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@app.get("/exercises", response_model=list[ExercisePublic])
def list_exercises(session: Annotated[Session, Depends(session_of_request)], type: str) -> object:  # noqa: A002  (the parameter's name)
    recommended = RecommendationRow.type == type
    return session.exec(select(ExerciseRow).join(RecommendationRow).where(recommended).order_by(col(RecommendationRow.position))).all()
