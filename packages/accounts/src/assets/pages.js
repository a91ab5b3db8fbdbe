// Makes the pages nicer. All of them work without it.

for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal)
  const words = [button.textContent, button.dataset.hide]
  button.hidden = false
  button.addEventListener('click', () => {
    const isHidden = field.type === 'password'
    field.type = isHidden ? 'text' : 'password'
    button.textContent = words[isHidden ? 1 : 0]
  })
}

// A fragment never leaves the browser: forms carry it to where they lead, such as after signing in.
if (location.hash !== '') for (const form of document.forms) form.action += location.hash

for (const place of document.querySelectorAll('.countdown')) {
  const end = Date.now() + Number(place.dataset.seconds) * 1000
  const language = document.documentElement.lang
  const format = unit =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
  const sentence = place.textContent.trim()
  const first = describe(Number(place.dataset.seconds))
  const timer = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000)
    if (left > 0) place.textContent = sentence.replace(first, describe(left))
    else {
      clearInterval(timer)
      place.remove()
    }
  }, 1000)

  function describe(seconds) {
    return seconds < 90
      ? format('second').format(Math.max(1, seconds))
      : format('minute').format(Math.ceil(seconds / 60))
  }
}

// The server judges, as it will when the form is sent: dictionaries are too large for a page.
for (const place of document.querySelectorAll('.strength')) {
  const field = document.getElementById(place.dataset.for)
  const [meter, words] = place.children
  let timer = 0
  let asking = new AbortController()
  field.addEventListener('input', () => {
    clearTimeout(timer)
    asking.abort()
    asking = new AbortController()
    if (field.value === '') place.hidden = true
    else timer = setTimeout(() => judge(asking.signal).catch(() => {}), 300)
  })

  async function judge(signal) {
    const body = new URLSearchParams()
    for (const name of ['_csrf', 'new-password', 'email', 'name']) {
      body.set(name, field.form.elements[name]?.value ?? '')
    }
    const answer = await fetch(place.dataset.judge, { method: 'POST', body, signal })
    if (!answer.ok) return
    const { score, text } = await answer.json()
    meter.value = score
    words.textContent = text
    place.hidden = false
  }
}

const dialog = document.getElementById('timeout')
if (dialog !== null) {
  const warnSeconds = 60
  let timer = 0
  const start = seconds => {
    clearTimeout(timer)
    timer = setTimeout(() => dialog.showModal(), Math.max(0, seconds - warnSeconds) * 1000)
  }
  start(Number(dialog.dataset.endsIn))
  // The token in the page may have ended by now; the refusal of an old one brings a new one.
  const renew = token =>
    fetch(dialog.dataset.renew, { method: 'POST', headers: { 'x-csrf-token': token } })
  dialog.addEventListener('close', async () => {
    let answer = await renew(dialog.querySelector('[name=_csrf]').value)
    const token = answer.headers.get('x-csrf-token')
    if (answer.status === 403 && token !== null) answer = await renew(token)
    if (!answer.ok) return location.reload()
    const { endsInSeconds } = await answer.json()
    start(endsInSeconds)
  })
}
