// The floor of an answer from memory, as a function that promises it.
import { randomUUID } from 'node:crypto'
import { answerRounds, sessionCount } from '../harness/direct.js'
import { dataOf, userOf } from '../harness/samples.js'

const ids = Array.from({ length: sessionCount }, () => randomUUID())
const sessions = new Map(ids.map((id, number) => [id, { ...userOf(number), data: dataOf(number) }]))

answerRounds(async number => sessions.get(ids[number % sessionCount]))
