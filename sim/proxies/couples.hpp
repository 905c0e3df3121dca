// Which two connections of a proxy are one: the one that it accepted, and the one that it made for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "model/sockets/socket.hpp"

namespace netlimits::sim {

// A connection that a proxy has accepted: where, its socket, and which running process has it.
struct AcceptedHere {
  std::uint32_t instance = 0;
  SocketId socket{};
  std::uint32_t process = 0;
  auto operator<=>(const AcceptedHere&) const = default;
};

// Which two connections are one, of all proxies together.
class Couples {
 public:
  explicit Couples(const Scenario& scenario);

  // The proxy that a process of the group belongs to, by its position among all. Nothing: it is an ordinary program.
  std::optional<std::uint32_t> proxy_at(const std::string& host, const std::string& process) const;

  // The connection that the proxy makes next for its program with that number, counted as
  // model/scenario/assignment.hpp counts: programs take turns, and each of them goes its own way round.
  std::uint64_t next_of(std::uint32_t proxy, std::uint64_t program);

  struct Couple {
    AcceptedHere accepted{};
    std::uint32_t proxy = 0;
    std::uint64_t connection = 0;
    std::optional<std::uint32_t> attempt{};  // of the client programs, while it is under way or open
    bool counted = false;                    // both halves have been open
  };
  Couple& join(std::uint32_t proxy, std::uint64_t connection, const AcceptedHere& accepted);
  // Null: they are not joined (any more).
  Couple* find(std::uint32_t proxy, std::uint64_t connection);
  // Gives what is known of both and forgets it. Nothing: they are not joined (any more).
  std::optional<Couple> part(std::uint32_t proxy, std::uint64_t connection);
  std::optional<Couple> part(const AcceptedHere& accepted);
  // Both halves that a process has.
  std::uint64_t halves(std::uint32_t process) const;

 private:
  struct Passing {
    const Proxy* proxy = nullptr;
    std::uint64_t programs = 1;
    std::vector<std::uint64_t> rounds{};  // by program
  };
  std::vector<Passing> proxies_{};
  std::map<std::pair<std::uint32_t, std::uint64_t>, Couple> by_connection_{};
  std::map<std::pair<std::uint32_t, SocketId>, std::pair<std::uint32_t, std::uint64_t>> by_socket_{};
  std::map<std::uint32_t, std::uint64_t> couples_of_{};  // by running process
};

}  // namespace netlimits::sim
