import { mailContract } from '../contracts/mail.ts'
import { createMemoryMail } from './mail.ts'

mailContract(createMemoryMail)
