// Reads what `ss` prints of TCP sockets: states by name, addresses in all their forms, timers, and who holds a socket.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/collected/socket_listing.hpp"
#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

// misc/ss.c, sstate_name.
constexpr std::array states_by_name{std::pair{std::string_view("ESTAB"), TcpState::established},
                                    std::pair{std::string_view("SYN-SENT"), TcpState::syn_sent},
                                    std::pair{std::string_view("SYN-RECV"), TcpState::syn_received},
                                    std::pair{std::string_view("FIN-WAIT-1"), TcpState::fin_wait_1},
                                    std::pair{std::string_view("FIN-WAIT-2"), TcpState::fin_wait_2},
                                    std::pair{std::string_view("TIME-WAIT"), TcpState::time_wait},
                                    std::pair{std::string_view("UNCONN"), TcpState::closed},
                                    std::pair{std::string_view("CLOSE-WAIT"), TcpState::close_wait},
                                    std::pair{std::string_view("LAST-ACK"), TcpState::last_ack},
                                    std::pair{std::string_view("LISTEN"), TcpState::listen},
                                    std::pair{std::string_view("CLOSING"), TcpState::closing}};

std::optional<TcpState> state_named(std::string_view name) {
  const auto found =
      std::find_if(states_by_name.begin(), states_by_name.end(), [&](const auto& one) { return one.first == name; });
  return found == states_by_name.end() ? std::nullopt : std::optional(found->second);
}

// "0.0.0.0:22", "[::1]:80", "*:80" (the wildcard of both families), "127.0.0.53%lo:53", "[fe80::1]%eth0:546".
std::optional<Endpoint> printed_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (const std::size_t device = host.find('%'); device != std::string_view::npos) {
    const bool inside = host.starts_with('[') && host.find(']', device) != std::string_view::npos;
    host = host.substr(0, device);
    if (inside) host.remove_prefix(1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = host == "*" ? IpAddress::any(Family::inet6) : IpAddress::parse(host);
  const auto number = port == "*" ? std::uint64_t{0} : whole_number(port);
  if (!address || !number || *number > 65535) return std::nullopt;
  return Endpoint{address->unmapped(), Port{static_cast<std::uint16_t>(*number)}};
}

// misc/ss.c, print_ms_timer: "59sec", "1min24sec", "200ms"; seconds below ten with a rest: "9.876ms" is 9876 ms.
std::optional<Duration> timer_time(std::string_view text) {
  std::int64_t milliseconds = 0;
  bool any = false;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = whole_number(text.substr(0, digits));
    if (!number || *number > 1'000'000'000) return std::nullopt;
    text.remove_prefix(digits);
    const auto count = static_cast<std::int64_t>(*number);
    if (text.starts_with("min")) {
      milliseconds += count * 60'000;
      text.remove_prefix(3);
    } else if (text.starts_with("sec")) {
      milliseconds += count * 1'000;
      text.remove_prefix(3);
    } else if (text.starts_with("ms")) {
      milliseconds += count;
      text.remove_prefix(2);
    } else if (text.starts_with(".")) {
      milliseconds += count * 1'000;
      text.remove_prefix(1);
    } else {
      return std::nullopt;
    }
    any = true;
  }
  return any ? std::optional<Duration>(std::chrono::milliseconds(milliseconds)) : std::nullopt;
}

// What stands between `begin` and `end` behind the addresses of a row; a program's name may have blanks. Nothing: it is
// not there. Its place is that of `begin`.
std::optional<TextWord> between(const TextLine& line, std::size_t after, std::string_view begin, std::string_view end) {
  const std::size_t at = line.text.find(begin, after);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t close = std::min(line.text.find(end, at + begin.size()), line.text.size());
  TextWord found = line.part(at, begin.size());
  found.text = line.text.substr(at + begin.size(), close - at - begin.size());
  return found;
}

// users:(("nginx",pid=7,fd=3),("nginx",pid=8,fd=3))
bool held_by(std::string_view users, std::uint64_t process) {
  for (std::size_t at = users.find("pid="); at != std::string_view::npos; at = users.find("pid=", at)) {
    at += 4;
    const std::size_t end = std::min(users.find_first_not_of("0123456789", at), users.size());
    if (whole_number(users.substr(at, end - at)) == process) return true;
  }
  return false;
}

class ListingReader {
 public:
  ListingReader(const CollectedText& text, std::optional<std::uint64_t> process) : text_(text), process_(process) {}

  Loaded<std::vector<MachineSocket>> read() {
    std::vector<MachineSocket> sockets;
    for (const TextLine& line : lines_of(text_.text)) {
      std::vector<TextWord> words = line.words();
      if (words.empty()) continue;
      if (words[0].text == "State" || words[0].text == "Netid") {
        netid_ = words[0].text == "Netid";
        continue;
      }
      if (netid_) {
        const bool tcp = words[0].text == "tcp";
        words.erase(words.begin());
        if (!tcp) continue;
      }
      auto socket = read_row(line, words);
      if (!socket) return tl::unexpected(std::move(socket.error()));
      sockets.push_back(*socket);
    }
    return sockets;
  }

 private:
  Loaded<MachineSocket> read_row(const TextLine& line, const std::vector<TextWord>& words) const {
    const auto refuse = [&](const TextWord& found, const char* expected, const char* hint = "") {
      return tl::unexpected(one_error(unexpected_word(text_.file, found, expected, hint)));
    };
    const auto state = words.empty() ? std::nullopt : state_named(words[0].text);
    if (!state) {
      return refuse(words.empty() ? line.from(0) : words[0], "a state of TCP such as ESTAB or LISTEN",
                    "the output of ss -tanpo, without other columns before it");
    }
    if (words.size() < 5) {
      return tl::unexpected(one_error(
          line_too_short(text_.file, line, "State Recv-Q Send-Q Local-Address:Port Peer-Address:Port", "ss -tanpo")));
    }
    const auto received = whole_number(words[1].text);
    const auto to_send = whole_number(words[2].text);
    if (!received || !to_send) return refuse(received ? words[2] : words[1], "the length of a queue");
    const auto local = printed_endpoint(words[3].text);
    const auto remote = printed_endpoint(words[4].text);
    if (!local || !remote) {
      return refuse(local ? words[4] : words[3], "an address and a port in numbers, such as 10.0.0.5:443",
                    "ss -n prints numbers");
    }
    MachineSocket socket;
    socket.state = *state;
    socket.tuple = {*local, *remote};
    if (socket.state == TcpState::listen) {
      socket.queued = static_cast<std::uint32_t>(*received);
      socket.backlog = static_cast<std::uint32_t>(*to_send);
    }
    socket.entry = socket.state == TcpState::time_wait;
    const auto after = static_cast<std::size_t>(words[4].text.data() + words[4].text.size() - line.text.data());
    if (const auto users = between(line, after, "users:(", "))"))
      socket.of_process = process_ && held_by(users->text, *process_);
    const auto timer = between(line, after, "timer:(", ")");
    if (!timer || !timer->text.starts_with("timewait,")) return socket;
    const std::string_view rest = timer->text.substr(9);  // 59sec,0
    const auto time = timer_time(rest.substr(0, rest.find(',')));
    if (!time) return refuse(*timer, "a timer such as timer:(timewait,59sec,0)");
    socket.entry = true;
    socket.ends_after = *time;
    return socket;
  }

  const CollectedText& text_;
  std::optional<std::uint64_t> process_;
  bool netid_ = false;
};

}  // namespace

Loaded<std::vector<MachineSocket>> read_ss_listing(const CollectedText& text, std::optional<std::uint64_t> process) {
  return ListingReader(text, process).read();
}

}  // namespace netlimits::scenarios
