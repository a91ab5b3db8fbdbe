import '@cloakroom/accounts/react.css'
import './style.css'
import { SessionProvider } from '@cloakroom/accounts/react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no place for the application.')
createRoot(root).render(
  <SessionProvider>
    <App />
  </SessionProvider>,
)
