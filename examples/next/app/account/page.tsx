import { getCurrentUser } from 'cloakroom'
import { page } from '../../lib/session'

export default page(() => <p>Account of {getCurrentUser()?.id}</p>)
