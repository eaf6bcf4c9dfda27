// A mail server on this machine that keeps what it is given and sends nothing on.

import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { eventually } from "./vestibule.mjs";

/**
 * Starts it on a free port; `url` is for SMTP_URL. `next` waits for the next mail to an address and reads it:
 * { subject, text, html, link, code }. `unread` says how many are left.
 */
export async function startMailbox() {
  const mails = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 100,
    async onData(stream, session, done) {
      const parts = [];
      for await (const part of stream) parts.push(part);
      const { subject, text, html } = await PostalMime.parse(Buffer.concat(parts));
      const to = session.envelope.rcptTo.map(({ address }) => address);
      mails.push({ to, subject, text, html, link: text.match(/^http\S+$/m)?.[0], code: text.match(/^\d{6}$/m)?.[0] });
      done();
    },
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  const unread = (address) => mails.filter(({ to }) => to.includes(address)).length;
  const next = async (address) => {
    const isIt = ({ to }) => to.includes(address);
    await eventually(`a mail to ${address}`, () => mails.some(isIt));
    return mails.splice(mails.findIndex(isIt), 1)[0];
  };
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { url: `smtp://127.0.0.1:${server.server.address().port}`, next, unread, stop };
}
