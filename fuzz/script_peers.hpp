// The two ends of a connection in a random script: a listener, how it is reached, and what its connection goes through.
#pragma once

#include <cstdint>
#include <string_view>

#include "fuzz/script_draft.hpp"

namespace netlimits::fuzz {

// Where a server listens and how a client comes to it.
struct Meeting {
  std::string_view listen;
  bool listen_six;
  std::string_view to;
  bool from_six;
};

Meeting some_meeting(ScriptDraft& draft);
// One between loopback addresses, or over the wire where the world has one.
Meeting plain_meeting(const ScriptDraft& draft);

struct Peers {
  Meeting meeting{};
  std::uint16_t port = 0;
  ScriptDraft::Socket listener{};
  ScriptDraft::Socket client{};
  ScriptDraft::Socket accepted{};
};

// Options as a server or a client may have them, set before it is bound.
void server_options(ScriptDraft& draft, const ScriptDraft::Socket& socket);
void client_options(ScriptDraft& draft, const ScriptDraft::Socket& socket);

// The host a meeting's server is on: "b" for an address of the wire's other end.
ScriptDraft::Socket server(ScriptDraft& draft, const Meeting& meeting, std::uint16_t port, std::int64_t backlog);
ScriptDraft::Socket client_socket(ScriptDraft& draft, const Meeting& meeting, bool nonblocking);
Peers connect_peers(ScriptDraft& draft, const Meeting& meeting);

// Two to five calls towards the connection's end.
void end_connection(ScriptDraft& draft, const Peers& peers);
// What another socket can do with the ports of a connection that was.
void use_ports_again(ScriptDraft& draft, const Peers& peers);

}  // namespace netlimits::fuzz
