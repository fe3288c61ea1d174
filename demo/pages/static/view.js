// An Echo Show's screen: the door, live, by a WebRTC offer that goes through the skill.
const LONGEST = 60_000;

async function post(path, form) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(form),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === "complete" && resolve();
    connection.onicegatheringstatechange = look;
    look();
  });
}

export class View {
  // `changed` hears how the view stands: "opening", "live", "closed"; and why, when it is dark.
  constructor(video, changed) {
    this.video = video;
    this.changed = changed;
    // Nobody is asked where this browser is: it is on the same machine as the door.
    this.connection = new RTCPeerConnection({ iceServers: [] });
    this.session = null;
  }

  async open(account, endpointId) {
    const began = performance.now();
    this.changed("opening");
    const stream = new MediaStream();
    this.video.srcObject = stream;
    this.connection.ontrack = (event) => stream.addTrack(event.track);
    this.connection.onconnectionstatechange = () => this.#stands();
    this.video.onplaying = () => {
      this.changed("live", `Live after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    };
    try {
      await this.#offer(account, endpointId);
    } catch (error) {
      this.close(error.message);
    }
    this.timer = setTimeout(() => this.close(), LONGEST);
  }

  async #offer(account, endpointId) {
    const { connection } = this;
    connection.addTransceiver("audio", { direction: "sendrecv" });
    connection.addTransceiver("video", { direction: "recvonly" });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    const offer = connection.localDescription.sdp;
    const shown = await post("/api/views", { account, endpoint_id: endpointId, offer });
    this.session = shown.session;
    await connection.setRemoteDescription({ type: "answer", sdp: shown.answer });
  }

  #stands() {
    const state = this.connection.connectionState;
    if (state === "connected") this.#tell("connected");
    if (state === "failed") this.close("The camera cannot be reached.");
    if (state === "disconnected") this.close();
  }

  #tell(step) {
    if (this.session) post(`/api/views/${this.session}/${step}`, {}).catch(() => {});
  }

  close(why = "") {
    clearTimeout(this.timer);
    if (this.connection.connectionState === "closed") return;
    this.connection.close();
    this.#tell("disconnected");
    this.video.srcObject = null;
    this.changed("closed", why);
  }
}
