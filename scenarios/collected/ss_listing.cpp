// Reads what `ss` prints of TCP sockets: states by name, addresses in all their forms, timers, and who holds a socket.
#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/collected/printed_endpoint.hpp"
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

// The first column where rows of several kinds are shown (misc/ss.c).
constexpr std::array kinds_of_rows{"tcp",   "udp",   "raw",   "icmp6", "sctp",  "dccp",  "mptcp",
                                   "u_str", "u_dgr", "u_seq", "p_raw", "p_dgr", "v_str", "v_dgr",
                                   "nl",    "tipc",  "xdp",   "ti",    "???"};

// A row belongs to what has the state alone: a datagram socket is UNCONN or ESTAB.
bool only_tcp_has(TcpState state) { return state != TcpState::closed && state != TcpState::established; }

// misc/ss.c, print_ms_timer: "59sec", "1min24sec", "200ms", "044ms", and nothing at all for a time that is over.
// Seconds below ten with a rest, 9876 ms: "9.876ms" before 6.11, "9.876sec" since. Of ten seconds and more the rest is
// cut off, of ten minutes and more the seconds: "59sec" is anything below a minute. What is told is the longest time
// that is printed so, since an entry is in the way until it is gone.
std::optional<Duration> timer_time(std::string_view text) {
  constexpr std::int64_t longest = 1'000'000'000'000;
  std::int64_t milliseconds = 0;
  std::int64_t cut = 0;  // the most that is not shown
  const auto digits = [&](std::size_t most) -> std::optional<std::int64_t> {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = count <= most ? whole_number(text.substr(0, count)) : std::nullopt;
    if (!number) return std::nullopt;
    text.remove_prefix(count);
    return static_cast<std::int64_t>(*number);
  };
  const auto unit = [&](std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
  };
  while (!text.empty()) {
    const auto count = digits(9);
    if (!count) return std::nullopt;
    if (unit("min")) {
      milliseconds += *count * 60'000;
      cut = *count > 9 ? 59'999 : 999;
    } else if (unit("sec")) {
      milliseconds += *count * 1'000;
      if (*count > 9) cut = 999;
    } else if (unit("ms")) {
      milliseconds += *count;
    } else if (unit(".")) {
      const std::size_t before = text.size();
      auto rest = digits(3);
      if (!rest) return std::nullopt;
      for (std::size_t shown = before - text.size(); shown < 3; ++shown) *rest *= 10;
      if (!unit("sec") && !unit("ms")) return std::nullopt;
      milliseconds += *count * 1'000 + *rest;
    } else {
      return std::nullopt;
    }
    if (milliseconds > longest) return std::nullopt;
  }
  return std::chrono::milliseconds(milliseconds + cut);
}

std::uint32_t queue_length(std::uint64_t printed) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(printed, std::numeric_limits<std::uint32_t>::max()));
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

// users:(("nginx",pid=7,fd=3),("nginx",pid=8,fd=3)); older releases: users:(("nginx",7,3)).
struct Users {
  bool process_among_them = false;
  bool old_form = false;
};

Users users_in(std::string_view text, std::optional<std::uint64_t> process) {
  constexpr std::string_view behind_name = "\",";
  constexpr std::string_view number_begins = "pid=";
  Users found;
  for (std::size_t at = text.find(behind_name); at != std::string_view::npos; at = text.find(behind_name, at)) {
    at += behind_name.size();
    const bool named = text.substr(at).starts_with(number_begins);
    if (named) at += number_begins.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    const auto number = whole_number(text.substr(at, end - at));
    if (!number) continue;
    if (!named) found.old_form = true;
    if (process == number) found.process_among_them = true;
  }
  return found;
}

class ListingReader {
 public:
  ListingReader(const CollectedText& text, std::optional<std::uint64_t> process) : text_(text), process_(process) {}

  Loaded<SocketListing> read() {
    for (const TextLine& line : lines_of(text_.text)) {
      if (auto error = read_line(line)) return tl::unexpected(one_error(std::move(*error)));
    }
    end_section();
    if (star_is_of_ipv4()) {
      for (const std::size_t which : starred_) {
        FourTuple& tuple = listing_.sockets[which].tuple;
        for (Endpoint* const end : {&tuple.local, &tuple.remote}) {
          if (end->address.is_wildcard()) end->address = IpAddress::any(Family::inet);
        }
      }
    }
    return std::move(listing_);
  }

 private:
  std::optional<InputError> read_line(const TextLine& line) {
    std::vector<TextWord> words = line.words();
    if (words.empty()) return std::nullopt;
    const std::string_view first = words[0].text;
    if (first == "State" || first == "Netid") {
      end_section();
      headed_ = true;
      netid_ = first == "Netid";
      return std::nullopt;
    }
    if (first == "Total:") return unexpected_word(text_.file, words[0], "a list of sockets", "ss -s belongs into ss-s");
    const bool row = state_named(first).has_value();
    const bool kind = std::find(kinds_of_rows.begin(), kinds_of_rows.end(), first) != kinds_of_rows.end();
    // What belongs to the row before, on a line of its own: ss -i and ss -m, and rows that were too long for a
    // terminal.
    if (!row && !kind && (any_row_ || passes_over_) && (line.text.front() == ' ' || line.text.front() == '\t'))
      return read_rest(line, 0);
    if (kind && !headed_ && !any_row_) netid_ = true;
    if (netid_) {
      if (first != "tcp") {
        passes_over_ = listing_.others = true;
        return std::nullopt;
      }
      words.erase(words.begin());
    }
    passes_over_ = false;
    return read_row(line, words);
  }

  std::optional<InputError> read_row(const TextLine& line, const std::vector<TextWord>& words) {
    const auto refuse = [&](const TextWord& found, const char* expected, const char* hint = "") {
      return unexpected_word(text_.file, found, expected, hint);
    };
    const auto state = words.empty() ? std::nullopt : state_named(words[0].text);
    if (!state) {
      return refuse(words.empty() ? line.from(0) : words[0], "a state of TCP such as ESTAB or LISTEN",
                    "the output of ss -tanpo, without other columns before it");
    }
    if (words.size() < 5) {
      return line_too_short(text_.file, line, "State Recv-Q Send-Q Local-Address:Port Peer-Address:Port", "ss -tanpo");
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
    const bool connected = *state != TcpState::listen && *state != TcpState::closed;
    if (connected && !is_connection(local->endpoint, remote->endpoint))
      return refuse(words[3], "both ends of a connection");
    if (!connected && local->endpoint.port.value == 0) return refuse(words[3], "a port");
    MachineSocket socket;
    socket.state = *state;
    socket.tuple = {local->endpoint, remote->endpoint};
    if (socket.state == TcpState::listen) {
      socket.queued = queue_length(*received);
      socket.backlog = queue_length(*to_send);
    }
    socket.entry = socket.state == TcpState::time_wait;
    old_ = old_ || local->bare || remote->bare;
    new_ = new_ || local->endpoint.address == IpAddress::any(Family::inet);
    if (local->star) starred_.push_back(listing_.sockets.size());
    listing_.sockets.push_back(socket);
    any_row_ = true;
    return read_rest(line, static_cast<std::size_t>(words[4].text.data() + words[4].text.size() - line.text.data()));
  }

  // Users and timer of the last row.
  std::optional<InputError> read_rest(const TextLine& line, std::size_t after) {
    if (passes_over_ || listing_.sockets.empty()) return std::nullopt;
    MachineSocket& socket = listing_.sockets.back();
    if (const auto text = between(line, after, "users:(", "))")) {
      const Users users = users_in(text->text, process_);
      socket.of_process = socket.of_process || users.process_among_them;
      old_ = old_ || users.old_form;
    }
    const auto timer = between(line, after, "timer:(", ")");
    if (!timer || !timer->text.starts_with("timewait,")) return std::nullopt;
    const std::string_view rest = timer->text.substr(9);  // 59sec,0
    const auto time = timer_time(rest.substr(0, rest.find(',')));
    if (!time) return unexpected_word(text_.file, *timer, "a timer such as timer:(timewait,59sec,0)");
    socket.entry = true;
    socket.ends_after = *time;
    return std::nullopt;
  }

  // Without the column Netid a list of datagram sockets looks like one of TCP: by its states it is known.
  void end_section() {
    const auto begin = listing_.sockets.begin() + static_cast<std::ptrdiff_t>(section_);
    const auto end = listing_.sockets.end();
    const bool unconnected =
        std::any_of(begin, end, [](const MachineSocket& socket) { return socket.state == TcpState::closed; });
    const bool tcp =
        netid_ || std::any_of(begin, end, [](const MachineSocket& one) { return only_tcp_has(one.state); });
    if (unconnected && !tcp) {
      listing_.sockets.erase(begin, end);
      std::erase_if(starred_, [&](std::size_t which) { return which >= section_; });
      listing_.others = true;
    }
    section_ = listing_.sockets.size();
    any_row_ = false;
  }

  // "*" is the wildcard of both families where that of IPv4 is 0.0.0.0. Older releases write it for IPv4 alone: they
  // print IPv6 without brackets, or users without "pid=", or the other family's wildcard at the same port.
  bool star_is_of_ipv4() const {
    if (new_ || starred_.empty()) return false;
    if (old_) return true;
    std::set<Port> ports;
    for (const std::size_t which : starred_) ports.insert(listing_.sockets[which].tuple.local.port);
    std::size_t at = 0;
    return std::any_of(listing_.sockets.begin(), listing_.sockets.end(), [&](const MachineSocket& socket) {
      const bool starred = std::binary_search(starred_.begin(), starred_.end(), at++);
      return !starred && socket.tuple.local.address.is_wildcard() && ports.contains(socket.tuple.local.port);
    });
  }

  const CollectedText& text_;
  std::optional<std::uint64_t> process_;
  SocketListing listing_;
  std::vector<std::size_t> starred_;  // rows whose local address is "*"
  std::size_t section_ = 0;           // where the rows below the last heading begin
  bool headed_ = false;
  bool netid_ = false;        // the first column is the kind of the row
  bool any_row_ = false;      // of TCP in this section
  bool passes_over_ = false;  // the row before was of something else
  bool old_ = false;          // as an older release prints
  bool new_ = false;
};

}  // namespace

Loaded<SocketListing> read_ss_listing(const CollectedText& text, std::optional<std::uint64_t> process) {
  return ListingReader(text, process).read();
}

}  // namespace netlimits::scenarios
