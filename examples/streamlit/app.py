"""A Streamlit app that knows its users and forgets nothing. Sign-in is the gateway's.

    npx -p @cloakroom/gateway cloakroom gateway --to http://localhost:8501 --preset streamlit --dev
    streamlit run app.py
"""

import streamlit as st
from cloakroom import Values

headers = st.context.headers
mine = Values(headers.get("X-Cloakroom-Session", ""))
always = Values(headers.get("X-Cloakroom-Session", ""), scope="user")

st.title("Orders")
st.write(f"Signed in as **{headers.get('X-Cloakroom-Email', 'nobody')}**")

# Gone with F5 in st.session_state; here it stays until the user signs out.
if st.button("Add to cart"):
    mine.update("cart", lambda count: count + 1, default=0)
st.metric("In the cart", mine.get("cart", 0))

# Stays with the user, on every device.
theme = st.radio("Currency", ["EUR", "USD"], index=["EUR", "USD"].index(always.get("currency", "EUR")))
if theme != always.get("currency", "EUR"):
    always.set("currency", theme)

st.session_state.runs = st.session_state.get("runs", 0) + 1
st.caption(f"Runs in this tab: {st.session_state.runs}")
st.markdown("[Your account](/_cloakroom/account)")
