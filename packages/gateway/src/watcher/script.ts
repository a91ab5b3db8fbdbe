/** Where the script is, below the gateway's own paths. */
export const watcherScriptPath = '/watch.js'

/** Where the script connects to. */
export const watcherSocketPath = '/watch'

/**
 * What pages are given to run: it waits for the end of the session and loads the page again, which
 * then leads to sign-in and back. A WebSocket, since browsers allow few other connections at once.
 */
export const watcherScript = `(() => {
  const address = new URL(document.currentScript.src)
  address.protocol = address.protocol.replace('http', 'ws')
  address.pathname = address.pathname.replace(/\\.js$/, '')
  let waitMs = 1000
  const connect = () => {
    const socket = new WebSocket(address)
    socket.onopen = () => { waitMs = 1000 }
    socket.onclose = ({ code }) => {
      if (code === 4001 || code === 4003) return location.reload()
      waitMs = Math.min(waitMs * 2, 60000)
      setTimeout(connect, waitMs * (0.5 + Math.random()))
    }
  }
  connect()
})()
`
