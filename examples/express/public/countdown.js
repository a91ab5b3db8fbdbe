// Shows how long is left to wait. Without it the page says so in words.
const timer = document.querySelector('[data-seconds]')
const endsAt = performance.now() + Number(timer.dataset.seconds) * 1000

function show() {
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000))
  const seconds = String(left % 60).padStart(2, '0')
  timer.textContent = left === 0 ? 'You may try again now.' : `${Math.floor(left / 60)}:${seconds}`
  if (left > 0) setTimeout(show, 250)
}

show()
