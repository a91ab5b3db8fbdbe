import { getCurrentSession } from 'cloakroom'
import { route } from '../../../lib/session'

export const POST = route(() => {
  const { data } = getCurrentSession()
  data.visits = (data.visits ?? 0) + 1
  return Response.json(data)
})
