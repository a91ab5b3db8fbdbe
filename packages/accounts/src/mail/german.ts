import { describeLife, type MailFacts, type MailTexts, writeLetter } from './texts.ts'

/** Texts in German. */
export const germanMails: MailTexts = {
  confirmRegistration: facts =>
    mail(facts, `Bestätige deine Registrierung bei ${facts.product}`, [
      `Jemand, hoffentlich du, hat sich mit dieser Adresse bei ${facts.product} registriert.`,
      `Öffne zur Bestätigung diesen Link und gib das Passwort ein, das du gewählt hast. ${life(facts)}`,
      facts.link,
      'Warst du es nicht, dann tue nichts: Ohne das Passwort entsteht kein Konto.',
    ]),
  alreadyRegistered: facts =>
    mail(facts, `Du hast schon ein Konto bei ${facts.product}`, [
      `Jemand, hoffentlich du, wollte sich mit dieser Adresse bei ${facts.product} registrieren.`,
      'Du hast schon ein Konto: Melde dich an wie sonst auch. Hast du das Passwort vergessen, dann fordere auf der Anmeldeseite ein neues an.',
      'Warst du es nicht, dann tue nichts. Es hat sich nichts geändert.',
    ]),
  invitation: facts =>
    mail(facts, `Du bist zu ${facts.product} eingeladen`, [
      `Bei ${facts.product} wartet ein Konto auf dich.`,
      `Öffne diesen Link und wähle ein Passwort. ${life(facts)}`,
      facts.link,
    ]),
  resetPassword: facts =>
    mail(facts, `Ein neues Passwort für ${facts.product}`, [
      `Jemand, hoffentlich du, möchte${from(facts)} ein neues Passwort bei ${facts.product} wählen.`,
      `Öffne dazu diesen Link. ${life(facts)}`,
      facts.link,
      'Warst du es nicht, dann tue nichts: Dein Passwort bleibt, wie es ist.',
    ]),
  passwordChanged: facts =>
    mail(facts, `Dein Passwort bei ${facts.product} wurde geändert`, [
      `Das Passwort deines Kontos bei ${facts.product} wurde${from(facts)} geändert.`,
      'Warst du es nicht, dann fordere auf der Anmeldeseite sofort ein neues Passwort an.',
    ]),
  newDevice: facts =>
    mail(facts, `Eine neue Anmeldung bei ${facts.product}`, [
      `Jemand, hoffentlich du, hat sich${from(facts)}${facts.device === '' ? '' : ` mit ${facts.device}`} bei ${facts.product} angemeldet, wo das vorher niemand getan hat.`,
      'Warst du es nicht, dann fordere auf der Anmeldeseite sofort ein neues Passwort an: Das beendet alle Sitzungen.',
    ]),
  confirmEmail: facts =>
    mail(facts, `Bestätige deine neue Adresse bei ${facts.product}`, [
      `Um diese Adresse für dein Konto bei ${facts.product} zu verwenden, melde dich dort an und öffne diesen Link. ${life(facts)}`,
      facts.link,
      'Warst du es nicht, dann tue nichts.',
    ]),
  emailChangeRequested: facts =>
    mail(facts, `Eine neue Adresse für dein Konto bei ${facts.product}`, [
      `Jemand, hoffentlich du, möchte${from(facts)} die Adresse deines Kontos bei ${facts.product} in ${facts.newEmail} ändern.`,
      'Warst du es nicht, dann ändere sofort dein Passwort.',
    ]),
  emailChanged: facts =>
    mail(facts, `Die Adresse deines Kontos bei ${facts.product} wurde geändert`, [
      `Mails zu deinem Konto bei ${facts.product} gehen von nun an an ${facts.newEmail}.`,
      'Warst du es nicht, dann schreibe denen, die den Dienst betreiben.',
    ]),
  accountDeleted: facts =>
    mail(facts, `Dein Konto bei ${facts.product} wurde gelöscht`, [
      `Dein Konto bei ${facts.product} wurde gelöscht. Du kannst dich nicht mehr anmelden.`,
    ]),
  secondFactorAdded: facts =>
    mail(facts, `Die Anmeldung in zwei Schritten bei ${facts.product} ist an`, [
      `Zur Anmeldung bei ${facts.product} gehört von nun an ein Code deiner App. Das wurde${from(facts)} eingeschaltet.`,
      'Warst du es nicht, dann schreibe denen, die den Dienst betreiben.',
    ]),
  secondFactorRemoved: facts =>
    mail(facts, `Die Anmeldung in zwei Schritten bei ${facts.product} ist aus`, [
      `Zur Anmeldung bei ${facts.product} gehört kein Code mehr. Das wurde${from(facts)} ausgeschaltet.`,
      'Hast du das weder getan noch gewollt, dann ändere sofort dein Passwort und schalte sie wieder ein.',
    ]),
  recoveryCodesMade: facts =>
    mail(facts, `Neue Ersatzcodes bei ${facts.product}`, [
      `Für dein Konto bei ${facts.product} wurden${from(facts)} neue Ersatzcodes gemacht. Die alten gelten nicht mehr.`,
      'Warst du es nicht, dann ändere sofort dein Passwort und mache neue.',
    ]),
  recoveryCodeUsed: facts =>
    mail(facts, `Ein Ersatzcode bei ${facts.product} wurde benutzt`, [
      `Jemand, hoffentlich du, hat${from(facts)} einen Ersatzcode deines Kontos bei ${facts.product} benutzt. Er gilt nicht mehr.`,
      'Warst du es nicht, dann ändere sofort dein Passwort und mache neue Ersatzcodes.',
    ]),
  codesRefused: facts =>
    mail(facts, `Falsche Codes bei ${facts.product}`, [
      `Jemand hat${from(facts)} das richtige Passwort deines Kontos bei ${facts.product} eingegeben und danach mehrere falsche Codes. Das ist vorerst gesperrt und niemand ist angemeldet.`,
      'Warst du es nicht, dann ändere sofort dein Passwort: Es ist bekannt.',
    ]),
}

function mail({ name }: MailFacts, subject: string, lines: readonly string[]) {
  return writeLetter(subject, [name === '' ? 'Hallo,' : `Hallo ${name},`, ...lines])
}

function from({ ip }: MailFacts): string {
  return ip === '' ? '' : ` von ${ip} aus`
}

function life({ lifeMs }: MailFacts): string {
  return `Er gilt ${describeLife(lifeMs, 'de')}.`
}
