import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { announce } from '../harness/server.js'

const app = new Hono()
app.get('/', context => context.json({ userId: 'user-123', role: 'user' }))
announce(createAdaptorServer({ fetch: app.fetch }))
