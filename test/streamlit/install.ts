import { installStreamlit } from '../support/streamlit-server.ts'

/** Installs Streamlit before the first test. */
export const setup = installStreamlit
