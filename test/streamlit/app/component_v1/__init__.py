"""A component of the first kind: a page of its own in a frame."""

import os

import streamlit.components.v1 as components

greet = components.declare_component("greet", path=os.path.dirname(__file__))
