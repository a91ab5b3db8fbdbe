// Makes the console nicer. All of it works without it.

for (const time of document.querySelectorAll('time[datetime]')) localize(time)

/** Servers write times in UTC; whoever reads them lives somewhere. */
function localize(time) {
  const at = new Date(time.dateTime)
  const isToday = at.toDateString() === new Date().toDateString()
  const format = {
    ...(isToday ? {} : { day: 'numeric', month: 'short', year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    ...(time.dataset.seconds && { second: '2-digit' }),
    hourCycle: 'h23',
  }
  time.title = time.textContent
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, format).format(at)
}

// Where the tabs do not fit side by side, the one that is open must be in sight.
document
  .querySelector('.tabs [aria-current]')
  ?.scrollIntoView({ block: 'nearest', inline: 'center' })

const isSeen = () => document.visibilityState === 'visible'

// A count or a check that goes on: the page shows how far it is.
const again = document.querySelector('[data-again]')
if (again !== null) {
  setInterval(() => isSeen() && location.reload(), Number(again.dataset.again) * 1000)
}

// A search that has found nothing yet goes on, page by page, as long as somebody looks.
const onward = document.querySelector('[data-onward]')
if (onward !== null) setTimeout(search, 250)

function search() {
  if (isSeen()) location.replace(onward.href)
  else document.addEventListener('visibilitychange', search, { once: true })
}

const live = document.querySelector('[data-live]')
if (live !== null) follow(live)

/** Puts new entries of the log on top, as long as the session lasts and the box is ticked. */
function follow(place) {
  const box = place.querySelector('input')
  const body = document.querySelector('.log tbody')
  const mostRows = 200
  place.hidden = false
  setInterval(async () => {
    if (!box.checked || !isSeen()) return
    const answer = await fetch(place.dataset.live).catch(() => null)
    place.classList.toggle('off', answer?.ok !== true)
    // Signed out, or not allowed any more: the page says so.
    if (answer?.status === 401 || answer?.status === 403) location.reload()
    else if (answer?.ok) insert(await answer.text())
  }, 2000)
  box.addEventListener('change', () => place.classList.toggle('off', !box.checked))

  function insert(html) {
    const template = document.createElement('template')
    template.innerHTML = html
    const known = new Set([...body.rows].map(row => row.dataset.entry))
    const fresh = [...template.content.querySelectorAll('tr[data-entry]')]
    const added = fresh.filter(row => !known.has(row.dataset.entry))
    for (const row of added) {
      for (const time of row.querySelectorAll('time')) localize(time)
      row.classList.add('fresh')
    }
    body.prepend(...added)
    for (const row of [...body.rows].slice(mostRows)) row.remove()
    setTimeout(() => {
      for (const row of added) row.classList.remove('fresh')
    }, 1500)
  }
}
