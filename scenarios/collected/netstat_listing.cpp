// Reads what `netstat` prints of TCP sockets, and passes over other protocols and its remarks.
#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "scenarios/collected/printed_endpoint.hpp"
#include "scenarios/collected/socket_listing.hpp"
#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

// net-tools, netstat.c, tcp_state; busybox has the same.
constexpr std::array netstat_states{std::pair{std::string_view("ESTABLISHED"), TcpState::established},
                                    std::pair{std::string_view("SYN_SENT"), TcpState::syn_sent},
                                    std::pair{std::string_view("SYN_RECV"), TcpState::syn_received},
                                    std::pair{std::string_view("FIN_WAIT1"), TcpState::fin_wait_1},
                                    std::pair{std::string_view("FIN_WAIT2"), TcpState::fin_wait_2},
                                    std::pair{std::string_view("TIME_WAIT"), TcpState::time_wait},
                                    std::pair{std::string_view("CLOSE"), TcpState::closed},
                                    std::pair{std::string_view("CLOSE_WAIT"), TcpState::close_wait},
                                    std::pair{std::string_view("LAST_ACK"), TcpState::last_ack},
                                    std::pair{std::string_view("LISTEN"), TcpState::listen},
                                    std::pair{std::string_view("CLOSING"), TcpState::closing}};

constexpr std::array other_lines{"Active", "Proto", "udp",   "udp6",   "udplite", "udplite6", "udpl", "udpl6",
                                 "raw",    "raw6",  "icmp",  "icmp6",  "sctp",    "sctp6",    "unix", "rose",
                                 "ax25",   "ipx",   "l2cap", "rfcomm", "x25",     "netstat:"};

constexpr std::size_t address_column = 23;  // "%-23s"; longer addresses are cut, without -W

// "52.31" of "(52.31/0/0)", in seconds.
std::optional<Duration> seconds_text(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto whole = whole_number(text.substr(0, dot));
  std::string_view rest = text.substr(std::min(dot + 1, text.size()));
  if (!whole || *whole > 1'000'000'000 || rest.size() > 9) return std::nullopt;
  std::int64_t nanoseconds = 0;
  for (std::size_t place = 0; place < 9; ++place) {
    const char digit = place < rest.size() ? rest[place] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    nanoseconds = nanoseconds * 10 + (digit - '0');
  }
  return std::chrono::seconds(*whole) + std::chrono::nanoseconds(nanoseconds);
}

class NetstatReader {
 public:
  NetstatReader(const CollectedText& text, std::optional<std::uint64_t> process) : text_(text), process_(process) {}

  Loaded<SocketListing> read() {
    const std::vector<TextLine> lines = lines_of(text_.text);
    for (const TextLine& line : lines) note_width(line.words());
    for (const TextLine& line : lines) {
      const std::vector<TextWord> words = line.words();
      if (words.empty()) continue;
      if (words[0].text == "tcp" || words[0].text == "tcp6") {
        if (auto error = read_row(line, words)) return tl::unexpected(one_error(std::move(*error)));
        continue;
      }
      const bool known = std::find(other_lines.begin(), other_lines.end(), words[0].text) != other_lines.end();
      // "(Not all processes could be identified, ...", to the line that closes it.
      const bool remark = in_remark_ || words[0].text.starts_with('(');
      in_remark_ = remark && line.text.find(')') == std::string_view::npos;
      if (!remark && (!known || is_of_others(words))) {
        return tl::unexpected(
            one_error(unexpected_word(text_.file, words[0],
                                      "a line of netstat such as \"tcp 0 0 10.0.0.5:40000 10.1.0.9:443 "
                                      "ESTABLISHED\"",
                                      "the output of Linux's netstat -anpo")));
      }
      listing_.others = listing_.others || (known && words[0].text.starts_with("udp"));
      any_ = any_ || known;
    }
    if (any_) return std::move(listing_);
    return tl::unexpected(one_error(error_of_file(text_.file, "lines of netstat", "found none", "netstat -anpo")));
  }

 private:
  // What stands above the rows of other systems: where there are no rows, it is all that tells whose output it is.
  static bool is_of_others(const std::vector<TextWord>& words) {
    if (words[0].text == "Active" && words.size() > 1)
      return words[1].text == "Connections" || words[1].text == "LOCAL" || words[1].text == "Multipath";
    return words[0].text == "Proto" && words.size() > 1 && (words[1].text == "Local" || words.back().text == "(state)");
  }

  // Where one address is wider than the column, none is cut.
  void note_width(const std::vector<TextWord>& words) {
    if (words.size() < 6 || !words[0].text.starts_with("tcp")) return;
    wide_ = wide_ || std::max(words[3].text.size(), words[4].text.size()) > address_column;
  }

  bool may_be_cut(const std::vector<TextWord>& words) const {
    return !wide_ && words[0].text == "tcp6" && std::max(words[3].text.size(), words[4].text.size()) == address_column;
  }

  std::optional<InputError> read_row(const TextLine& line, const std::vector<TextWord>& words) {
    any_ = true;
    const auto refuse = [&](const TextWord& found, const char* expected, const char* hint = "") {
      return unexpected_word(text_.file, found, expected, hint);
    };
    if (words.size() < 6) {
      return line_too_short(text_.file, line, "Proto Recv-Q Send-Q Local-Address Foreign-Address State",
                            "netstat -anpo");
    }
    const auto received = whole_number(words[1].text);
    if (!received || !whole_number(words[2].text))
      return refuse(received ? words[2] : words[1], "the length of a queue");
    const auto state = std::find_if(netstat_states.begin(), netstat_states.end(),
                                    [&](const auto& one) { return one.first == words[5].text; });
    if (state == netstat_states.end()) return refuse(words[5], "a state of TCP such as ESTABLISHED or LISTEN");
    if (may_be_cut(words)) {
      ++listing_.cut;
      return std::nullopt;
    }
    const auto local = printed_endpoint(words[3].text);
    const auto remote = printed_endpoint(words[4].text);
    if (!local || !remote) {
      return refuse(local ? words[4] : words[3], "an address and a port in numbers, such as 10.0.0.5:443",
                    "netstat -n prints numbers");
    }
    MachineSocket socket;
    socket.state = state->second;
    socket.tuple = {local->endpoint, remote->endpoint};
    const bool connected = socket.state != TcpState::listen && socket.state != TcpState::closed;
    if (connected && !is_connection(local->endpoint, remote->endpoint))
      return refuse(words[3], "both ends of a connection");
    if (!connected && local->endpoint.port.value == 0) return refuse(words[3], "a port");
    if (socket.state == TcpState::listen) {
      socket.queued =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(*received, std::numeric_limits<std::uint32_t>::max()));
    }
    socket.entry = socket.state == TcpState::time_wait;
    for (std::size_t i = 6; i < words.size(); ++i) {
      const std::string_view word = words[i].text;
      const std::size_t slash = word.find('/');
      if (slash != std::string_view::npos && process_ && whole_number(word.substr(0, slash)) == process_)
        socket.of_process = true;
      if (word != "timewait" || i + 1 == words.size() || !words[i + 1].text.starts_with('(')) continue;
      const std::string_view timer = words[i + 1].text.substr(1);
      const auto time = seconds_text(timer.substr(0, timer.find('/')));
      if (!time) return refuse(words[i + 1], "a timer such as \"timewait (52.31/0/0)\"");
      socket.entry = true;
      socket.ends_after = *time;
    }
    listing_.sockets.push_back(socket);
    return std::nullopt;
  }

  const CollectedText& text_;
  std::optional<std::uint64_t> process_;
  SocketListing listing_;
  bool any_ = false;
  bool wide_ = false;
  bool in_remark_ = false;
};

}  // namespace

Loaded<SocketListing> read_netstat_listing(const CollectedText& text, std::optional<std::uint64_t> process) {
  return NetstatReader(text, process).read();
}

}  // namespace netlimits::scenarios
