"""Words with one slip in them."""

from collections.abc import Collection, Iterator


def slips(word: str) -> Iterator[str]:
    """Give every neighbour swap and deletion of a word, and an insertion and a substitution at each place."""
    for n in range(len(word)):
        yield word[:n] + word[n + 1 :]
        yield f"{word[:n]}x{word[n:]}"
        yield f"{word[:n]}z{word[n + 1 :]}"
        yield word[:n] + word[n : n + 2][::-1] + word[n + 2 :]


def unknown_slips(word: str, known: Collection[str]) -> list[str]:
    """Give the slips that are neither a known word nor the beginning of one, so that something has to be forgiven."""
    return sorted({slip for slip in slips(word) if slip and not any(one.startswith(slip) for one in known)})
