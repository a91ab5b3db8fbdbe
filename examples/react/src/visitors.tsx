import { useEffect, useState } from 'react'

/** From a route of the application, which the server guards by the same role. */
export function Visitors() {
  const [text, setText] = useState('…')
  useEffect(() => {
    const controller = new AbortController()
    fetch('/api/visitors', { signal: controller.signal })
      .then(async answer => {
        if (!answer.ok) throw new Error(answer.statusText)
        const { today } = (await answer.json()) as { today: number }
        setText(`There were ${today} today.`)
      })
      .catch(() => {
        if (!controller.signal.aborted) setText('This cannot be told at the moment.')
      })
    return () => controller.abort()
  }, [])
  return <p>{text}</p>
}
