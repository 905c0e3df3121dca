// A few hosts in virtual time: what one sends arrives at once, timers fire in order.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/host/host.hpp"
#include "model/net/port.hpp"
#include "model/sockets/group_draws.hpp"
#include "model/systems/rules.hpp"

namespace netlimits::test {

inline IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
inline Endpoint endpoint(std::string_view text, std::uint16_t port) { return {address(text), Port{port}}; }
inline const Endpoint loopback_server = endpoint("127.0.0.1", 7000);

inline PortRange ports_from(std::uint32_t first, std::uint32_t size) {
  return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(first + size - 1)}};
}

struct Outside {
  Settings settings{};
  Rules rules{};
  std::vector<std::string> addresses = two_addresses();
  std::shared_ptr<GroupDraws> group_draws{};
  static std::vector<std::string> two_addresses();  // 192.0.2.8/32 and 2001:db8::8/128
};

class World {
 public:
  World();
  explicit World(const Outside& outside);

  std::size_t add_host(const Outside& outside);

  Host& host(std::size_t number = 0) { return *hosts[number]; }
  ProcessId process(std::size_t number = 0) { return processes[number]; }

  SocketId tcp(Family family = Family::inet, std::size_t number = 0) {
    return host(number).socket(process(number), family, SocketType::stream).value();
  }
  SocketId udp(Family family = Family::inet, std::size_t number = 0) {
    return host(number).socket(process(number), family, SocketType::dgram).value();
  }
  // Its refusal is in `last`.
  SocketId bound(Endpoint local, const std::vector<Option>& options = {}, std::size_t number = 0);
  SocketId listener(Endpoint local, std::int64_t backlog = 128, const std::vector<Option>& options = {},
                    std::size_t number = 0);
  // The outcome of a blocking connect(): the error at once or by notice, nothing when it is through or unanswered.
  std::optional<Error> connect(SocketId socket, Endpoint remote, PortDraw draw = {}, std::size_t number = 0) {
    const auto begun = host(number).connect(socket, remote, draw, now, effects);
    refusal = begun ? std::optional<Refusal>() : begun.error();
    if (!begun) {
      take(number);
      return begun.error().error;
    }
    failures.clear();
    settle(number);
    for (const Notice& notice : failures)
      if (notice.socket == socket) refusal = notice.error;
    return refusal ? std::optional<Error>(refusal->error) : std::nullopt;
  }
  std::optional<Error> close(SocketId socket, std::size_t number = 0) {
    const auto done = host(number).close(socket, now, effects);
    settle(number);
    return error_of(done);
  }
  Outcome<SocketId> accept(SocketId socket, std::size_t number = 0) {
    const auto accepted = host(number).accept(socket, now, effects);
    settle(number);
    return accepted;
  }
  std::optional<Error> shutdown(SocketId socket, bool read, bool write, std::size_t number = 0) {
    const auto done = host(number).shutdown(socket, read, write, now, effects);
    settle(number);
    return error_of(done);
  }
  std::optional<Error> disconnect(SocketId socket, std::size_t number = 0) {
    const auto done = host(number).disconnect(socket, now, effects);
    settle(number);
    return error_of(done);
  }
  Outcome<std::uint32_t> send(SocketId socket, std::uint32_t bytes, std::optional<Endpoint> to = {},
                              std::size_t number = 0) {
    const auto taken = host(number).send(socket, bytes, to, {}, now, effects);
    settle(number);
    return taken;
  }
  Outcome<std::uint32_t> receive(SocketId socket, std::size_t number = 0) {
    const auto got = host(number).receive_data(socket, now, effects);
    settle(number);
    return got;
  }

  // Timers of one instant fire the latest first, and all before anything that they send arrives (sim/events.hpp).
  void advance(Duration by) {
    const SimTime until = now + by;
    for (auto next = latest_of_the_earliest(until); next != timers.end(); next = latest_of_the_earliest(until)) {
      now = std::max(now, next->request.at);
      for (; next != timers.end() && next->request.at <= now; next = latest_of_the_earliest(now)) {
        const Timer due = *next;
        timers.erase(next);
        hosts[due.host]->on_timer(due.request, now, effects);
        take(due.host);
      }
      deliver();
    }
    now = until;
  }

  TcpState state(SocketId socket, std::size_t number = 0) { return host(number).view(socket).state; }
  std::uint16_t port(SocketId socket, std::size_t number = 0) {
    return host(number).local_name(socket).value().port.value;
  }

  template <class T>
  static std::optional<Error> error_of(const Outcome<T>& outcome) {
    return outcome ? std::nullopt : std::optional<Error>(outcome.error().error);
  }

  // Delivers everything that the last call on the host caused.
  void settle(std::size_t number) {
    take(number);
    deliver();
  }
  void deliver() {
    while (!flying.empty()) {
      const Segment segment = flying.front();
      flying.pop_front();
      if (dropped && dropped(segment)) continue;
      for (std::size_t to = 0; to < hosts.size(); ++to) {
        if (!hosts[to]->owns(segment.tuple.remote.address)) continue;
        hosts[to]->deliver(segment, now, effects);
        take(to);
        break;
      }
    }
  }

  std::vector<std::unique_ptr<Host>> hosts;
  std::vector<ProcessId> processes;
  SimTime now = time_zero;
  Effects effects;
  std::deque<Segment> flying;
  struct Timer {
    TimerRequest request;
    std::size_t host;
  };
  std::vector<Timer> timers;
  std::vector<Notice> failures;  // connect_failed notices since the last connect()
  std::vector<Notice> notices;   // all others
  std::vector<Drop> drops;
  std::vector<std::pair<SimTime, Segment>> sent;
  std::optional<Error> last;       // of bound() and listener()
  std::optional<Refusal> refusal;  // of connect()
  std::function<bool(const Segment&)> dropped;

 private:
  std::vector<Timer>::iterator latest_of_the_earliest(SimTime until) {
    auto found = timers.end();
    for (auto at = timers.begin(); at != timers.end(); ++at)
      if (at->request.at <= until && (found == timers.end() || at->request.at <= found->request.at)) found = at;
    return found;
  }
  void take(std::size_t number) {
    for (const Segment& segment : effects.segments) {
      flying.push_back(segment);
      sent.emplace_back(now, segment);
    }
    for (const TimerRequest& timer : effects.timers) timers.push_back({timer, number});
    for (const Notice& notice : effects.notices)
      (notice.kind == NoticeKind::connect_failed ? failures : notices).push_back(notice);
    drops.insert(drops.end(), effects.drops.begin(), effects.drops.end());
    effects.clear();
  }
};

}  // namespace netlimits::test
