// The tables of meetings, weighted; then how a connection of one is set up, ended, and its ports used again.
#include "fuzz/script_peers.hpp"

#include <array>
#include <string>

namespace netlimits::fuzz {
namespace {

using Socket = ScriptDraft::Socket;

constexpr std::array on_one_host{Weighted<Meeting>{30, {"127.0.0.1", false, "127.0.0.1", false}},
                                 Weighted<Meeting>{8, {"127.0.0.2", false, "127.0.0.2", false}},
                                 Weighted<Meeting>{8, {"0.0.0.0", false, "127.0.0.1", false}},
                                 Weighted<Meeting>{3, {"0.0.0.0", false, "0.0.0.0", false}},
                                 Weighted<Meeting>{3, {"0.0.0.0", false, "198.51.100.2", false}},
                                 Weighted<Meeting>{10, {"192.0.2.8", false, "192.0.2.8", false}},
                                 Weighted<Meeting>{4, {"198.51.100.2", false, "198.51.100.2", false}},
                                 Weighted<Meeting>{3, {"198.51.100.99", false, "198.51.100.99", false}},
                                 Weighted<Meeting>{10, {"::1", true, "::1", true}},
                                 Weighted<Meeting>{5, {"::", true, "::1", true}},
                                 Weighted<Meeting>{5, {"::", true, "127.0.0.1", false}},
                                 Weighted<Meeting>{4, {"::", true, "::ffff:127.0.0.1", true}},
                                 Weighted<Meeting>{4, {"::ffff:127.0.0.1", true, "127.0.0.1", false}},
                                 Weighted<Meeting>{4, {"127.0.0.1", false, "::ffff:127.0.0.1", true}},
                                 Weighted<Meeting>{4, {"2001:db8::8", true, "2001:db8::8", true}}};
constexpr std::array over_the_wire{Weighted<Meeting>{30, {"198.51.100.2", false, "198.51.100.2", false}},
                                   Weighted<Meeting>{12, {"0.0.0.0", false, "198.51.100.2", false}},
                                   Weighted<Meeting>{12, {"2001:db8:1::2", true, "2001:db8:1::2", true}},
                                   Weighted<Meeting>{8, {"::", true, "198.51.100.2", false}},
                                   Weighted<Meeting>{6, {"::", true, "::ffff:198.51.100.2", true}},
                                   Weighted<Meeting>{6, {"::", true, "2001:db8:1::2", true}}};

constexpr std::string_view client_address(const ScriptDraft& draft, const Meeting& meeting) {
  if (meeting.from_six) return meeting.to[2] == 'f' ? "::ffff:127.0.0.1" : meeting.to;
  return draft.world().wire ? "198.51.100.1" : meeting.to;
}

std::string_view some_client_address(ScriptDraft& draft, const Meeting& meeting) {
  if (draft.world().wire && meeting.from_six) return meeting.to[2] == 'f' ? "::ffff:198.51.100.1" : "2001:db8:1::1";
  if (draft.drawn(70)) return client_address(draft, meeting);
  if (meeting.from_six) return draft.drawn(50) ? "::" : "::1";
  return draft.drawn(50) ? "0.0.0.0" : "127.0.0.2";
}

}  // namespace

Meeting some_meeting(ScriptDraft& draft) {
  return draft.world().wire ? draft.pick(over_the_wire) : draft.pick(on_one_host);
}

Meeting plain_meeting(const ScriptDraft& draft) {
  return draft.world().wire ? over_the_wire.front().value : on_one_host.front().value;
}

void server_options(ScriptDraft& draft, const Socket& socket) {
  if (draft.drawn(45)) draft.option(socket, "SO_REUSEADDR");
  if (draft.drawn(25)) draft.option(socket, "SO_REUSEPORT");
  if (draft.drawn(6)) draft.option(socket, "SO_LINGER", {1, 0});
  if (draft.drawn(4)) draft.option(socket, "TCP_DEFER_ACCEPT", {60});
  if (draft.drawn(3)) draft.option(socket, "TCP_LINGER2", {-1});
  if (socket.six && draft.drawn(10)) draft.option(socket, "IPV6_V6ONLY");
}

void client_options(ScriptDraft& draft, const Socket& socket) {
  if (draft.drawn(25)) draft.option(socket, "SO_REUSEADDR");
  if (draft.drawn(10)) draft.option(socket, "SO_REUSEPORT");
  if (draft.drawn(8)) draft.option(socket, "SO_LINGER", {1, 0});
  if (draft.drawn(6)) draft.option(socket, "TCP_LINGER2", {-1});
  if (draft.drawn(15)) draft.option(socket, "IP_BIND_ADDRESS_NO_PORT");
  if (draft.drawn(5))
    draft.option(socket, "IP_LOCAL_PORT_RANGE", {range_port(draft.world(), 0), range_port(draft.world(), 1)});
}

Socket server(ScriptDraft& draft, const Meeting& meeting, std::uint16_t port, std::int64_t backlog) {
  ScriptDraft::Wish wish;
  wish.process = draft.world().wire ? "b/p" : (draft.drawn(75) ? "a/p" : "a/q");
  wish.six = meeting.listen_six;
  const Socket listener = draft.socket(wish);
  server_options(draft, listener);
  draft.bind(listener, meeting.listen, port);
  draft.listen(listener, backlog);
  return listener;
}

Socket client_socket(ScriptDraft& draft, const Meeting& meeting, bool nonblocking) {
  ScriptDraft::Wish wish;
  wish.process = draft.drawn(75) ? "a/p" : "a/q";
  wish.six = meeting.from_six;
  wish.nonblocking = nonblocking;
  return draft.socket(wish);
}

Peers connect_peers(ScriptDraft& draft, const Meeting& meeting) {
  static constexpr std::array<std::int64_t, 4> backlogs{0, 1, 2, 8};
  Peers peers;
  peers.meeting = meeting;
  peers.port = draft.drawn(80) ? 7000 : range_port(draft.world(), draft.below(4));
  peers.listener = server(draft, meeting, peers.port, draft.any(backlogs));
  peers.client = client_socket(draft, meeting, draft.drawn(15));
  client_options(draft, peers.client);
  if (draft.drawn(40)) {
    const std::uint16_t port = draft.drawn(50) ? 0 : range_port(draft.world(), draft.below(4));
    draft.bind(peers.client, some_client_address(draft, meeting), port);
  }
  draft.connect(peers.client, meeting.to, peers.port);
  peers.accepted = draft.accept(peers.listener);
  return peers;
}

void end_connection(ScriptDraft& draft, const Peers& peers) {
  enum class Action : std::uint8_t {
    close_client,
    close_server,
    close_listener,
    send_there,
    send_back,
    receive,
    half_close,
    shut_reading,
    shut_both,
    linger,
    disconnect,
    exit,
    look
  };
  static constexpr std::array actions{Weighted<Action>{24, Action::close_client},
                                      Weighted<Action>{18, Action::close_server},
                                      Weighted<Action>{8, Action::close_listener},
                                      Weighted<Action>{9, Action::send_there},
                                      Weighted<Action>{9, Action::send_back},
                                      Weighted<Action>{8, Action::receive},
                                      Weighted<Action>{8, Action::half_close},
                                      Weighted<Action>{4, Action::shut_reading},
                                      Weighted<Action>{3, Action::shut_both},
                                      Weighted<Action>{4, Action::linger},
                                      Weighted<Action>{4, Action::disconnect},
                                      Weighted<Action>{2, Action::exit},
                                      Weighted<Action>{5, Action::look}};
  for (std::uint32_t left = 2 + draft.below(4); left > 0; --left) {
    const Socket& end = draft.drawn(50) ? peers.client : peers.accepted;
    switch (draft.pick(actions)) {
      case Action::close_client:
        draft.close(peers.client);
        break;
      case Action::close_server:
        draft.close(peers.accepted);
        break;
      case Action::close_listener:
        draft.close(peers.listener);
        break;
      case Action::send_there:
        draft.send(peers.client, 1 + draft.below(100));
        break;
      case Action::send_back:
        draft.send(peers.accepted, 1 + draft.below(100));
        break;
      case Action::receive:
        draft.receive(end);
        break;
      case Action::half_close:
        draft.shutdown(end, "wr");
        break;
      case Action::shut_reading:
        draft.shutdown(end, "rd");
        break;
      case Action::shut_both:
        draft.shutdown(end, "rdwr");
        break;
      case Action::linger:
        draft.option(end, "SO_LINGER", {1, 0});
        break;
      case Action::disconnect:
        draft.disconnect(end);
        break;
      case Action::exit:
        draft.exit(end.process);
        break;
      case Action::look:
        draft.look(end);
        break;
    }
  }
}

void use_ports_again(ScriptDraft& draft, const Peers& peers) {
  for (std::uint32_t left = 1 + draft.below(3); left > 0; --left) {
    const bool servers = draft.drawn(50);
    const std::uint16_t port = servers ? peers.port : range_port(draft.world(), draft.below(4));
    if (draft.drawn(45)) {  // another owner of the port
      const bool six = servers ? peers.meeting.listen_six : peers.meeting.from_six;
      const Socket other = draft.socket({servers ? peers.listener.process : draft.some_process(), six, false, false});
      server_options(draft, other);
      draft.bind(other, servers ? peers.meeting.listen : some_client_address(draft, peers.meeting), port);
      if (draft.drawn(40)) draft.listen(other, 1);
      continue;
    }
    const Socket again = client_socket(draft, peers.meeting, draft.drawn(15));  // the connection once more
    client_options(draft, again);
    if (draft.drawn(50)) draft.bind(again, some_client_address(draft, peers.meeting), port);
    draft.connect(again, peers.meeting.to, peers.port);
    if (draft.drawn(30)) draft.look(again);
  }
}

}  // namespace netlimits::fuzz
