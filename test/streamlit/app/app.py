"""What Streamlit apps do, a part of each: shown as text that a test can read."""

import json
import os
import sys
import time

import streamlit as st

sys.path.append(os.environ["CLOAKROOM_CLIENT"])
from cloakroom import SessionEnded, Values  # noqa: E402

headers = st.context.headers
query = st.query_params.get("q", "")


def show(name, value):
    st.text(f"{name}={json.dumps(value, separators=(',', ':'))}")


st.title("Streamlit behind the gateway")
show("query", query)
show("user", st.user.get("email"))
show("roles", st.user.get("roles"))
show("header", headers.get("X-Cloakroom-Email"))
show("cookies", sorted(st.context.cookies))
show("ip", st.context.ip_address)
show("replica", os.environ.get("REPLICA", ""))

st.session_state.runs = st.session_state.get("runs", 0) + 1
show("runs", st.session_state.runs)

if st.button("Count"):
    st.session_state.count = st.session_state.get("count", 0) + 1
show("count", st.session_state.get("count", 0))

if st.button("Rerun thrice") or st.session_state.get("left", 0) > 0:
    st.session_state.left = st.session_state.get("left", 0) or 4
    st.session_state.left -= 1
    st.session_state.loops = st.session_state.get("loops", 0) + 1
    if st.session_state.left > 1:
        st.rerun()
    st.session_state.left = 0
show("loops", st.session_state.get("loops", 0))

upload = st.file_uploader("Upload")
show("uploaded", upload and [upload.name, upload.size])
st.download_button("Download", b"0123456789" * 1000, "digits.txt", "text/plain")

if st.checkbox("Media"):
    st.image(os.path.join(os.path.dirname(__file__), "static", "dot.png"))
    st.video(bytes(range(256)) * 400)

if st.checkbox("Components"):
    from component_v1 import greet

    greet()
    st.components.v2.component("hello", html="<p class='v2'>component v2</p>")()

if st.checkbox("Large"):
    st.text_area("Large text", "x" * 120_000_000, key="large")
    show("large", True)

values = Values(headers.get("X-Cloakroom-Session", ""))
if st.button("Keep"):
    kept = values.update("kept", lambda count: count + 1, default=0)
if st.button("Keep slowly"):

    def slowly(count):
        st.session_state.tries = st.session_state.get("tries", 0) + 1
        # The first try waits for another tab to be faster.
        patience = time.monotonic() + (20 if st.session_state.tries == 1 else 0)
        while values.get("kept", 0) == count and time.monotonic() < patience:
            time.sleep(0.1)
        return count + 1

    values.update("kept", slowly, default=0)
try:
    show("kept", values.get("kept", 0))
except (SessionEnded, OSError) as error:
    show("kept", type(error).__name__)
show("tries", st.session_state.get("tries", 0))
