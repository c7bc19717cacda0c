"""How onnxruntime runs here. In a file of its own: a worker of another runtime does without its 20 MB."""

from __future__ import annotations

import onnxruntime


def quiet_options() -> onnxruntime.SessionOptions:
    """One thread, no spinning: two cores are shared with calls under way. Warnings of the runtime are not ours."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
