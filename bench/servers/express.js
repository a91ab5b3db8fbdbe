import express from 'express'
import { announce } from '../harness/server.js'

const app = express()
app.get('/', (_request, response) => response.json({ userId: 'user-123', role: 'user' }))
announce(app)
