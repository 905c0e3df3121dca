// One function an episode, and below them the weighted draw among them.
#include "fuzz/script_episodes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "fuzz/script_peers.hpp"

namespace netlimits::fuzz {
namespace {

using namespace std::chrono_literals;
using Socket = ScriptDraft::Socket;

// Longer than the delay of the worlds "reuse soon", shorter than all other delays.
constexpr Duration beyond_soon = 45ms;
// The first FIN has its ACK by then, if no data came before it. Whether a socket is in FIN_WAIT_1 or FIN_WAIT_2 right
// after its close() is decided by the next tick of the kernel's clock: no rule says it.
constexpr Duration acknowledged = 10ms;

bool delay_is_short(const ScriptWorld& world) { return world.name.starts_with("reuse soon"); }

// A connection, its end, and what its ports are good for then.
void life(ScriptDraft& draft) {
  const Peers peers = connect_peers(draft, some_meeting(draft));
  end_connection(draft, peers);
  use_ports_again(draft, peers);
  if (draft.drawn(30)) end_connection(draft, peers);
}

// The same connection again and again, one side closing first each time.
void churn(ScriptDraft& draft) {
  const Meeting meeting = some_meeting(draft);
  const Socket listener = server(draft, meeting, 7000, 8);
  const bool client_first = draft.drawn(65);
  const bool bound = draft.drawn(30);
  const bool listener_stays = draft.drawn(70);
  for (std::uint32_t round = 2 + draft.below(2); round > 0; --round) {
    const Socket client = client_socket(draft, meeting, false);
    if (bound) {
      draft.option(client, "SO_REUSEADDR");
      draft.bind(client, meeting.from_six ? "::" : "0.0.0.0", range_port(draft.world(), 0));
    }
    draft.connect(client, meeting.to, 7000);
    const Socket accepted = draft.accept(listener);
    if (draft.drawn(15)) draft.send(client, 10);
    draft.close(client_first ? client : accepted);
    if (!listener_stays) draft.close(listener);
    if (draft.drawn(85)) {
      draft.close(client_first ? accepted : client);
    } else {
      draft.sleep(acknowledged);
    }
    if (delay_is_short(draft.world()) && draft.drawn(35)) draft.sleep(beyond_soon);
  }
}

// More clients than a listener's queue holds.
void full_queue(ScriptDraft& draft) {
  const Meeting meeting = some_meeting(draft);
  const std::uint32_t backlog = draft.below(3);
  const Socket listener = server(draft, meeting, 7000, backlog);
  std::vector<Socket> clients;
  for (std::uint32_t left = backlog + 1 + draft.below(3); left > 0; --left) {
    clients.push_back(client_socket(draft, meeting, draft.drawn(70)));
    draft.connect(clients.back(), meeting.to, 7000);
    if (draft.drawn(20)) draft.send(clients.back(), 5);
  }
  for (std::uint32_t left = draft.below(3); left > 0; --left) draft.accept(listener);
  if (draft.drawn(30)) draft.listen(listener, draft.below(5));
  for (std::uint32_t left = 1 + draft.below(3); left > 0; --left) {
    const Socket client = clients[draft.below(static_cast<std::uint32_t>(clients.size()))];
    switch (draft.below(4)) {
      case 0:
        draft.close(client);
        break;
      case 1:
        draft.connect(client, meeting.to, 7000);
        break;
      case 2:
        draft.shutdown(client, "rdwr");
        break;
      default:
        draft.look(client);
        break;
    }
  }
  if (draft.drawn(40)) {
    if (draft.drawn(50)) {
      draft.close(listener);
    } else {
      draft.shutdown(listener, draft.drawn(60) ? "rd" : "wr");
    }
    draft.look(clients.front());
  }
}

// All ports of the range to one destination and some to another, around what keeps ports from connect().
void full_range(ScriptDraft& draft) {
  const Meeting meeting = some_meeting(draft);
  const Socket listener = server(draft, meeting, 7000, 64);
  const bool two_destinations = draft.drawn(40);
  if (two_destinations) server(draft, meeting, 7001, 64);
  const bool holder = draft.drawn(40);
  Socket holding;
  if (holder) {
    holding = draft.socket({draft.world().wire ? "a/p" : "", draft.drawn(30), false, false});
    if (draft.drawn(50)) draft.option(holding, "SO_REUSEADDR");
    draft.bind(holding, holding.six ? "::" : "127.0.0.2", draft.drawn(50) ? 0 : range_port(draft.world(), 0));
    if (draft.drawn(30)) draft.listen(holding, 1);
  }
  const bool own_range = draft.drawn(12);
  const bool without_port = draft.drawn(20);
  const std::uint32_t count = std::min<std::uint32_t>(range_size(draft.world()) + 1, 8);
  for (std::uint32_t left = count; left > 0; --left) {
    const Socket client = client_socket(draft, meeting, draft.drawn(20));
    if (own_range)
      draft.option(client, "IP_LOCAL_PORT_RANGE", {range_port(draft.world(), 1), range_port(draft.world(), 3)});
    if (without_port) {
      draft.option(client, "IP_BIND_ADDRESS_NO_PORT");
      draft.bind(client, meeting.from_six ? "::" : "0.0.0.0", 0);
    }
    draft.connect(client, meeting.to, two_destinations && draft.drawn(40) ? 7001 : 7000);
    if (draft.drawn(8)) draft.close(client);
  }
  if (holder && draft.drawn(70)) {
    draft.close(holding);
    for (std::uint32_t left = 1 + draft.below(2); left > 0; --left)
      draft.connect(client_socket(draft, meeting, false), meeting.to, two_destinations ? 7001 : 7000);
  }
}

// A port that connect() gave, that bind() then touched at another address, and that is given back.
void borrowed_port(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  server(draft, meeting, 7000, 8);
  server(draft, meeting, 7001, 8);
  const std::uint32_t ports = std::min<std::uint32_t>(range_size(draft.world()), 4);
  for (std::uint32_t left = ports; left > 0; --left)
    draft.connect(client_socket(draft, meeting, false), meeting.to, 7000);
  const Socket borrower = draft.socket({"a/p", draft.drawn(20), false, false});
  draft.bind(borrower, borrower.six ? "::1" : "127.0.0.2", range_port(draft.world(), draft.below(ports)));
  if (draft.drawn(70)) draft.connect(client_socket(draft, meeting, false), meeting.to, 7001);
  draft.close(borrower);
  for (std::uint32_t left = 1 + draft.below(ports); left > 0; --left)
    draft.connect(client_socket(draft, meeting, false), meeting.to, 7001);
}

// Automatic binds until nothing is left.
void full_bind(ScriptDraft& draft) {
  static constexpr std::array<std::string_view, 4> four{"127.0.0.1", "0.0.0.0", "127.0.0.2", "192.0.2.8"};
  static constexpr std::array<std::string_view, 4> six{"::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"};
  const std::string_view address = draft.any(four);
  const std::string_view address_six = draft.any(six);
  const bool reuse = draft.drawn(50);
  const bool own_range = draft.drawn(15);
  for (std::uint32_t left = std::min<std::uint32_t>(range_size(draft.world()) + 2, 9); left > 0; --left) {
    const Socket socket = draft.socket({"a/p", draft.drawn(20), draft.drawn(8), false});
    if (reuse && draft.drawn(85)) draft.option(socket, "SO_REUSEADDR");
    if (draft.drawn(15)) draft.option(socket, "SO_REUSEPORT");
    if (own_range)
      draft.option(socket, "IP_LOCAL_PORT_RANGE", {range_port(draft.world(), 0), range_port(draft.world(), 2)});
    if (draft.drawn(80)) draft.bind(socket, socket.six ? address_six : address, 0);
    if (draft.drawn(40)) draft.listen(socket, 1);
    if (draft.drawn(6)) draft.close(socket);
  }
}

// Several owners of one port, at the same or at overlapping addresses, and a client that finds one of them.
void many_listeners(ScriptDraft& draft) {
  struct Place {
    std::string_view address;
    bool six;
  };
  static constexpr std::array places{
      Weighted<Place>{30, {"127.0.0.1", false}}, Weighted<Place>{25, {"0.0.0.0", false}},
      Weighted<Place>{12, {"::1", true}},        Weighted<Place>{18, {"::", true}},
      Weighted<Place>{6, {"127.0.0.2", false}},  Weighted<Place>{9, {"::ffff:127.0.0.1", true}}};
  const bool group = draft.drawn(60);
  const std::string process = draft.drawn(70) ? "a/p" : "a/q";
  std::vector<Socket> listeners;
  for (std::uint32_t left = 2 + draft.below(2); left > 0; --left) {
    const Place place = draft.pick(places);
    listeners.push_back(draft.socket({draft.drawn(80) ? process : draft.some_process(), place.six, false, false}));
    const Socket listener = listeners.back();
    if (group && draft.drawn(90)) draft.option(listener, "SO_REUSEPORT");
    if (draft.drawn(40)) draft.option(listener, "SO_REUSEADDR");
    if (place.six && draft.drawn(40)) draft.option(listener, "IPV6_V6ONLY");
    if (draft.drawn(8)) draft.device(listener, draft.drawn(50) ? "lo" : "dev1");
    draft.bind(listener, place.address, 7000);
    if (draft.drawn(85)) draft.listen(listener, draft.below(3));
    if (group && draft.drawn(6)) draft.option(listener, "SO_REUSEPORT", {0});
  }
  for (std::uint32_t left = 1 + draft.below(3); left > 0; --left) {
    const bool six = draft.drawn(35);
    const Socket client = draft.socket({"a/p", six, false, draft.drawn(30)});
    draft.connect(client, six ? (draft.drawn(60) ? "::1" : "::ffff:127.0.0.1") : "127.0.0.1", 7000);
  }
  for (std::uint32_t left = 1 + draft.below(3); left > 0; --left)
    draft.accept(listeners[draft.below(static_cast<std::uint32_t>(listeners.size()))]);
  if (draft.drawn(30)) draft.close(listeners.front());
}

// A socket and its own port.
void itself(ScriptDraft& draft) {
  static constexpr std::array<std::string_view, 3> six{"::1", "::ffff:127.0.0.1", "::"};
  const bool inet6 = draft.drawn(30);
  const std::string_view address = inet6 ? draft.any(six) : (draft.drawn(75) ? "127.0.0.1" : "0.0.0.0");
  const std::uint16_t port = range_port(draft.world(), draft.below(2));
  for (std::uint32_t left = 1 + draft.below(2); left > 0; --left) {
    const Socket socket = draft.socket({draft.world().wire ? "a/p" : "", inet6, false, draft.drawn(20)});
    if (draft.drawn(40)) draft.option(socket, "SO_REUSEADDR");
    if (draft.drawn(50)) draft.bind(socket, address, port);
    if (draft.drawn(15)) draft.shutdown(socket, draft.drawn(50) ? "wr" : "rd");
    draft.connect(socket, address, port);
    if (draft.drawn(40)) draft.send(socket, 10);
    if (draft.drawn(30)) draft.shutdown(socket, "wr");
    if (draft.drawn(40)) draft.look(socket);
    if (draft.drawn(60)) draft.close(socket);
  }
}

// A port that only an ended connection still holds, and other processes that want it too.
void left_behind(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  const std::string_view from = draft.world().wire ? "198.51.100.1" : "127.0.0.1";
  const std::uint16_t port = range_port(draft.world(), 0);
  const Socket listener = server(draft, meeting, 7000, 8);
  const Socket client = client_socket(draft, meeting, false);
  const std::string_view option = draft.drawn(75) ? "SO_REUSEPORT" : "SO_REUSEADDR";
  draft.option(client, option);
  draft.bind(client, from, port);
  draft.connect(client, meeting.to, 7000);
  const Socket accepted = draft.accept(listener);
  const bool client_first = draft.drawn(80);
  draft.close(client_first ? client : accepted);
  draft.close(client_first ? accepted : client);
  for (std::uint32_t left = 1 + draft.below(2); left > 0; --left) {
    const Socket heir = draft.socket({draft.drawn(60) ? "a/q" : "a/p", false, false, false});
    if (draft.drawn(85)) draft.option(heir, option);
    draft.bind(heir, draft.drawn(70) ? from : "0.0.0.0", port);
    if (draft.drawn(40)) draft.listen(heir, 1);
  }
}

// Whatever listened is gone when the next SYN comes for its old connection.
void nobody_there(ScriptDraft& draft) {
  const Meeting meeting = plain_meeting(draft);
  const std::string_view from = draft.world().wire ? "198.51.100.1" : "127.0.0.1";
  const std::uint16_t port = range_port(draft.world(), 0);
  const Socket listener = server(draft, meeting, 7000, 8);
  const Socket client = client_socket(draft, meeting, false);
  draft.option(client, "SO_REUSEADDR");
  draft.bind(client, from, port);
  draft.connect(client, meeting.to, 7000);
  const Socket accepted = draft.accept(listener);
  const bool lost = draft.drawn(30);  // what the client still has to say goes nowhere
  if (lost) draft.device(client, "dev1");
  if (lost && draft.drawn(60)) draft.option(client, "SO_LINGER", {1, 0});
  draft.close(draft.drawn(50) && !lost ? accepted : client);
  if (draft.drawn(60)) draft.close(listener);
  if (draft.drawn(50)) {
    draft.close(draft.drawn(50) ? client : accepted);
  } else {
    draft.sleep(acknowledged);
  }
  const Socket again = client_socket(draft, meeting, false);
  draft.option(again, "SO_REUSEADDR");
  draft.bind(again, from, port);
  draft.connect(again, meeting.to, 7000);
  if (draft.drawn(50)) {
    draft.sleep(30ms);  // a refused SYN is repeated after some milliseconds
    draft.look(again);
  }
  if (draft.drawn(40)) draft.send(accepted, 3);
}

// Datagram sockets that share a port or not, with peers and without.
void datagrams(ScriptDraft& draft) {
  static constexpr std::array<std::string_view, 4> four{"127.0.0.1", "0.0.0.0", "127.0.0.2", "127.0.0.1"};
  static constexpr std::array<std::string_view, 4> six{"::1", "::", "::ffff:127.0.0.1", "::1"};
  std::vector<Socket> sockets;
  for (std::uint32_t left = 2 + draft.below(2); left > 0; --left) {
    sockets.push_back(draft.socket({draft.world().wire ? "a/p" : "", draft.drawn(30), true, draft.drawn(20)}));
    const Socket socket = sockets.back();
    if (draft.drawn(40)) draft.option(socket, "SO_REUSEADDR");
    if (draft.drawn(30)) draft.option(socket, "SO_REUSEPORT");
    const std::string_view address = draft.any(socket.six ? six : four);
    if (draft.drawn(75)) draft.bind(socket, address, draft.drawn(75) ? 7000 : 0);
  }
  for (std::uint32_t left = 2 + draft.below(4); left > 0; --left) {
    const Socket socket = sockets[draft.below(static_cast<std::uint32_t>(sockets.size()))];
    const std::string_view to = draft.any(socket.six ? six : four);
    const std::uint16_t port = draft.drawn(80) ? 7000 : (draft.drawn(80) ? 7001 : 0);
    switch (draft.below(5)) {
      case 0:
        draft.connect(socket, to, port);
        break;
      case 1: {
        draft.send(socket, draft.drawn(90) ? 1 + draft.below(100) : 65508 + 20 * draft.below(3));
        if (draft.drawn(60)) break;
        Step& step = draft.last();
        step.address = draft.drawn(95) ? to : "255.255.255.255";
        step.port = std::to_string(port);
        step.has_port = true;
        break;
      }
      case 2:
        draft.receive(socket);
        break;
      case 3:
        draft.disconnect(socket);
        break;
      default:
        draft.look(socket);
        break;
    }
  }
}

// Sockets of a device.
void devices(ScriptDraft& draft) {
  static constexpr std::array<std::string_view, 6> names{"dev1", "dev1", "lo", "lo", "", "none9"};
  const bool wire = draft.world().wire;
  std::vector<Socket> sockets;
  for (std::uint32_t left = 2 + draft.below(2); left > 0; --left) {
    sockets.push_back(draft.socket({wire ? "a/p" : "", draft.drawn(25), false, draft.drawn(20)}));
    const Socket socket = sockets.back();
    if (draft.drawn(80)) draft.device(socket, draft.any(names));
    if (draft.drawn(15)) draft.device(socket, draft.any(names));
    if (draft.drawn(30)) draft.option(socket, "SO_REUSEADDR");
    if (draft.drawn(75)) draft.bind(socket, socket.six ? "::" : "0.0.0.0", draft.drawn(70) ? 7000 : 0);
    if (draft.drawn(50)) draft.listen(socket, 1);
  }
  const Socket client = draft.socket({wire ? "a/p" : "", draft.drawn(25), false, draft.drawn(20)});
  if (draft.drawn(60)) draft.device(client, draft.any(names));
  draft.connect(client, client.six ? "::1" : (draft.drawn(50) ? "127.0.0.1" : "192.0.2.8"), 7000);
  draft.look(client);
}

// Few descriptors for accept() and socket().
void few_descriptors(ScriptDraft& draft) {
  const Peers peers = connect_peers(draft, plain_meeting(draft));
  Step& step = draft.add(Call::open_files);
  step.process = peers.listener.process;
  step.count = 1 + draft.below(4);
  step.has_count = true;
  const Socket client = client_socket(draft, peers.meeting, false);
  draft.connect(client, peers.meeting.to, peers.port);
  draft.accept(peers.listener);
  draft.close(draft.drawn(50) ? peers.client : peers.accepted);
  draft.accept(peers.listener);
}

}  // namespace

void add_episode(ScriptDraft& draft) {
  using Episode = void (*)(ScriptDraft&);
  static constexpr std::array episodes{
      Weighted<Episode>{30, life},          Weighted<Episode>{12, churn},        Weighted<Episode>{9, full_queue},
      Weighted<Episode>{12, full_range},    Weighted<Episode>{4, borrowed_port}, Weighted<Episode>{7, full_bind},
      Weighted<Episode>{9, many_listeners}, Weighted<Episode>{5, itself},        Weighted<Episode>{4, nobody_there},
      Weighted<Episode>{3, left_behind},    Weighted<Episode>{7, datagrams},     Weighted<Episode>{4, devices},
      Weighted<Episode>{3, few_descriptors}};
  draft.pick(episodes)(draft);
}

}  // namespace netlimits::fuzz
