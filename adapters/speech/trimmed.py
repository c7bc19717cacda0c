"""A prompt without the silence at its ends: in a conversation every tenth of a second of it is waited for."""

from __future__ import annotations

import numpy as np

#: Samples of 20 ms at 8000 a second, and what counts as sound: -45 dB below full scale.
_WINDOW, _LOUD = 160, 32768 * 10 ** (-45 / 20)
#: Seconds that stay: a word's soft beginning, and the breath between two prompts of one question.
_LEAD_S, _TAIL_S = 0.06, 0.2
_RATE, _BYTES = 8000, 2


def trimmed(pcm: bytes) -> bytes:
    """16-bit samples at 8000 a second from just before the first sound to just after the last; all when there is none.

    The recorded prompts have 0.2 to 0.4 s of silence before and 0.4 to 0.7 s after: her short "yes" fell into the end
    of our question, where more speech is asked for than it lasts.
    """
    samples = np.frombuffer(pcm[: len(pcm) // (_WINDOW * _BYTES) * _WINDOW * _BYTES], "<i2").astype(np.float64)
    loud = np.flatnonzero(np.sqrt((samples.reshape(-1, _WINDOW) ** 2).mean(axis=1)) > _LOUD)
    if not len(loud):
        return pcm
    begin = max(0, int(loud[0]) * _WINDOW - round(_LEAD_S * _RATE))
    end = (int(loud[-1]) + 1) * _WINDOW + round(_TAIL_S * _RATE)
    return pcm[begin * _BYTES : end * _BYTES]
