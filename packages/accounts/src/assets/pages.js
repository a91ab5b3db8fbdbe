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

// Guesses as well as a page can; the server's judgement counts.
for (const meter of document.querySelectorAll('meter.strength')) {
  const field = document.getElementById(meter.dataset.for)
  const words = meter.dataset.words.split('|')
  meter.hidden = false
  field.addEventListener('input', () => {
    const kinds = new Set(field.value).size
    const score = Math.min(4, Math.floor((Math.min(kinds, 14) * field.value.length) / 60))
    meter.value = score
    meter.title = field.value === '' ? '' : words[score]
  })
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
