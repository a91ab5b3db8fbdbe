// The proxy that the gateway is built on, alone: what there is to gain or lose.
import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'httpxy'
import { announce } from '../harness/server.js'

const target = `http://127.0.0.1:${process.argv[2]}`
const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) })
const server = createServer((request, response) => proxy.web(request, response, { target }))
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, { target }, head))
announce(server)
