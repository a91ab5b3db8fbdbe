import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const { PORT = '3000' } = process.env

export default defineConfig({
  plugins: [react()],
  // The server puts the nonce of each answer in its place.
  html: { cspNonce: '{nonce}' },
  // While developing: `npm start` in one terminal, `npm run dev` in another.
  server: {
    proxy: { '^/(api|login|reset|forgot|verify|account|_assets)': `http://localhost:${PORT}` },
  },
})
