// The episodes that wait for the timers of a kernel.
#include <array>
#include <chrono>
#include <vector>

#include "fuzz/script_episodes.hpp"
#include "fuzz/script_peers.hpp"

namespace netlimits::fuzz {
namespace {

using namespace std::chrono_literals;
using Socket = ScriptDraft::Socket;

constexpr Duration beyond_a_second = 1150ms;

// Clients that wait at a full queue send their SYNs again at the same moment: more of them come through the door than
// there is room behind it. Their ACKs then find the accept queue full, and the SYN queue is put to use.
void crowd(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  const bool bounded = draft.drawn(25);
  const std::uint32_t backlog = bounded ? 6 : draft.below(4);
  const std::string_view listening = draft.world().wire ? "b" : "a";
  draft.setting("a", "net.ipv4.ip_local_port_range", "40000 40031");  // a port for each client
  draft.setting(listening, "net.core.somaxconn", "64");
  if (draft.drawn(40)) draft.setting(listening, "net.ipv4.tcp_abort_on_overflow", "1");
  if (bounded) {
    draft.setting(listening, "net.ipv4.tcp_syncookies", "0");
    draft.setting(listening, "net.ipv4.tcp_max_syn_backlog", "4");
  } else if (draft.drawn(40)) {
    draft.setting(listening, "net.ipv4.tcp_syncookies", draft.drawn(70) ? "0" : "2");
  }
  if (draft.drawn(30)) draft.setting(listening, "net.ipv4.tcp_synack_retries", draft.drawn(50) ? "0" : "1");
  const Socket listener = server(draft, meeting, 7000, backlog);
  if (bounded && draft.drawn(40)) {  // a peer that the host knows
    const Socket known = client_socket(draft, meeting, false);
    draft.connect(known, meeting.to, 7000);
    const Socket accepted = draft.accept(listener);
    draft.close(known);
    draft.close(accepted);
  }
  std::vector<Socket> waiting;
  for (std::uint32_t left = backlog + 1; left > 0; --left)
    draft.connect(client_socket(draft, meeting, true), meeting.to, 7000);
  for (std::uint32_t left = 2 + draft.below(backlog + 2) + (bounded ? 3 : 0); left > 0; --left) {
    waiting.push_back(client_socket(draft, meeting, true));
    draft.connect(waiting.back(), meeting.to, 7000);
  }
  for (std::uint32_t left = 1 + draft.below(2); left > 0; --left) draft.accept(listener);
  draft.sleep(beyond_a_second);
  for (const Socket& client : waiting) draft.await(client, true);
  const bool again = draft.drawn(50);
  if (again) {
    if (draft.drawn(40)) draft.send(waiting.front(), 5);
    if (!bounded && draft.drawn(45)) draft.setting(listening, "net.ipv4.tcp_syncookies", "0");
    for (std::uint32_t left = 1 + draft.below(3); left > 0; --left) draft.accept(listener);
    if (draft.drawn(30)) draft.close(listener);
    draft.sleep(beyond_a_second);
    for (const Socket& client : waiting) draft.await(client, true);
  }
  for (std::uint32_t left = 2 + draft.below(3); left > 0; --left) draft.accept(listener);
}

// A SYN that nobody answers.
void unanswered(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  draft.setting("", "net.ipv4.tcp_syn_retries", "1");
  draft.setting("", "net.ipv4.tcp_syn_linear_timeouts", "0");
  const Socket listener = server(draft, meeting, 7000, 0);
  draft.connect(client_socket(draft, meeting, true), meeting.to, 7000);
  const Socket client = client_socket(draft, meeting, draft.drawn(50));
  draft.connect(client, meeting.to, 7000);
  draft.sleep(beyond_a_second);
  if (draft.drawn(40)) draft.accept(listener);
  if (draft.drawn(20)) draft.close(listener);
  draft.sleep(2100ms);
  draft.await(client, true);
  draft.connect(client, meeting.to, 7000);
}

// FIN_WAIT_2 to its end; the peer learns of it when it sends.
void forgotten(ScriptDraft& draft) {
  const Meeting meeting = some_meeting(draft);
  const bool full_socket = draft.drawn(30);
  draft.setting("", "net.ipv4.tcp_fin_timeout", full_socket ? "61" : "1");
  Peers peers = connect_peers(draft, meeting);
  const bool client_first = draft.drawn(60);
  const Socket first = client_first ? peers.client : peers.accepted;
  const Socket second = client_first ? peers.accepted : peers.client;
  if (draft.drawn(20)) draft.shutdown(first, "wr");
  draft.close(first);
  draft.sleep(draft.drawn(30) ? 100ms : (full_socket ? 2300ms : 1300ms));
  if (draft.drawn(60)) draft.send(second, 3);
  if (draft.drawn(50)) draft.send(second, 3);
  draft.look(second);
  if (draft.drawn(50)) draft.close(second);
  use_ports_again(draft, peers);
}

// A closed socket whose FIN goes nowhere.
void orphan(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  draft.setting("", "net.ipv4.tcp_orphan_retries", "1");
  const Socket listener = server(draft, meeting, 7000, 8);
  const Socket client = client_socket(draft, meeting, false);
  draft.bind(client, draft.world().wire ? "198.51.100.1" : "127.0.0.1", range_port(draft.world(), 0));
  draft.connect(client, meeting.to, 7000);
  draft.accept(listener);
  draft.device(client, "dev1");
  draft.close(client);
  draft.sleep(draft.drawn(50) ? 100ms : 2500ms);
  const Socket next = client_socket(draft, meeting, false);
  draft.bind(next, draft.world().wire ? "198.51.100.1" : "127.0.0.1", range_port(draft.world(), 0));
  draft.look(next);
}

// A takeover after the usual delay.
void old_enough(ScriptDraft& draft) {
  const Peers peers = connect_peers(draft, some_meeting(draft));
  const bool client_first = draft.drawn(70);
  draft.close(client_first ? peers.client : peers.accepted);
  draft.close(client_first ? peers.accepted : peers.client);
  if (draft.drawn(40)) draft.setting("", "net.ipv4.tcp_tw_reuse", draft.drawn(50) ? "1" : "0");
  if (draft.drawn(80)) draft.sleep(beyond_a_second);
  use_ports_again(draft, peers);
}

}  // namespace

void add_patient_episode(ScriptDraft& draft) {
  using Episode = void (*)(ScriptDraft&);
  static constexpr std::array episodes{Weighted<Episode>{60, crowd}, Weighted<Episode>{15, forgotten},
                                       Weighted<Episode>{15, old_enough}, Weighted<Episode>{10, unanswered},
                                       Weighted<Episode>{8, orphan}};
  draft.pick(episodes)(draft);
}

void add_minute_episode(ScriptDraft& draft) {
  const Peers peers = connect_peers(draft, some_meeting(draft));
  const bool client_first = draft.drawn(50);
  draft.close(client_first ? peers.client : peers.accepted);
  draft.close(client_first ? peers.accepted : peers.client);
  draft.close(peers.listener);
  draft.sleep(66s);  // a kernel's TIME_WAIT lasts up to 64 s
  use_ports_again(draft, peers);
}

}  // namespace netlimits::fuzz
