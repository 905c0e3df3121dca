// Reads /proc/net/tcp and tcp6: hexadecimal addresses, states and timers, a socket a line.
#include <array>
#include <charconv>
#include <string_view>

#include "scenarios/collected/socket_listing.hpp"
#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

// include/net/tcp_states.h, by number; 0 is none.
constexpr std::array states_by_number{
    TcpState::closed,     TcpState::established, TcpState::syn_sent,    TcpState::syn_received, TcpState::fin_wait_1,
    TcpState::fin_wait_2, TcpState::time_wait,   TcpState::closed,      TcpState::close_wait,   TcpState::last_ack,
    TcpState::listen,     TcpState::closing,     TcpState::syn_received};
constexpr std::uint64_t timer_of_an_entry = 3;
constexpr std::chrono::milliseconds tick(10);  // times are in USER_HZ: 100 a second

std::optional<std::uint64_t> hexadecimal(std::string_view text, std::size_t digits) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  if (text.size() != digits || text.front() == '-') return std::nullopt;
  const auto [rest, problem] = std::from_chars(text.data(), end, value, 16);
  return problem == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

std::uint32_t swapped(std::uint64_t word) {
  return static_cast<std::uint32_t>((word & 0xffU) << 24U | (word & 0xff00U) << 8U | (word & 0xff0000U) >> 8U |
                                    (word & 0xff000000U) >> 24U);
}

// "0100007F:1388", or 32 digits for IPv6: words of 32 bits in the machine's own order.
std::optional<Endpoint> hexadecimal_endpoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  const auto port = hexadecimal(text.substr(colon + 1), 4);
  if (!port) return std::nullopt;
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < colon / 8; ++i) {
    const auto word = hexadecimal(text.substr(i * 8, 8), 8);
    if (!word) return std::nullopt;
    words.at(i) = swapped(*word);
  }
  const IpAddress address =
      colon == 8 ? IpAddress::v4(words[0])
                 : IpAddress::v6(std::uint64_t{words[0]} << 32U | words[1], std::uint64_t{words[2]} << 32U | words[3]);
  return Endpoint{address.unmapped(), Port{static_cast<std::uint16_t>(*port)}};
}

Loaded<MachineSocket> read_row(const CollectedText& text, const TextLine& line) {
  // sl, local, remote, state, tx:rx, timer:when, retransmits, uid, timeout, inode, ...
  const std::vector<TextWord> words = line.words();
  const auto refuse = [&](const TextWord& found, const char* expected) {
    return tl::unexpected(one_error(unexpected_word(text.file, found, expected, "cat /proc/net/tcp")));
  };
  if (words.size() < 10)
    return tl::unexpected(one_error(line_too_short(text.file, line, "ten columns of /proc/net/tcp")));
  const auto local = hexadecimal_endpoint(words[1].text);
  const auto remote = hexadecimal_endpoint(words[2].text);
  if (!local || !remote)
    return refuse(local ? words[2] : words[1], "an address and a port in hexadecimal, such as 0100007F:1388");
  const auto state = hexadecimal(words[3].text, 2);
  if (!state || *state == 0 || *state >= states_by_number.size())
    return refuse(words[3], "the number of a state, 01 to 0C");
  const std::string_view queues = words[4].text;
  const auto received = queues.size() == 17 ? hexadecimal(queues.substr(9), 8) : std::nullopt;
  if (!received) return refuse(words[4], "two queues such as 00000000:00000000");
  const std::string_view timer = words[5].text;
  const auto kind = timer.size() == 11 ? hexadecimal(timer.substr(0, 2), 2) : std::nullopt;
  const auto when = kind ? hexadecimal(timer.substr(3), 8) : std::nullopt;
  if (!when) return refuse(words[5], "a timer such as 00:00000000");
  const auto inode = whole_number(words[9].text);
  if (!inode) return refuse(words[9], "the inode of a socket");

  MachineSocket socket;
  socket.state = states_by_number.at(*state);
  socket.tuple = {*local, *remote};
  socket.inode = *inode;
  if (socket.state == TcpState::listen) socket.queued = static_cast<std::uint32_t>(*received);
  socket.entry = *kind == timer_of_an_entry;
  if (socket.entry) socket.ends_after = tick * static_cast<std::int64_t>(*when);
  return socket;
}

}  // namespace

Loaded<std::vector<MachineSocket>> read_proc_net_tcp(const CollectedText& text) {
  std::vector<MachineSocket> sockets;
  for (const TextLine& line : lines_of(text.text)) {
    const std::vector<TextWord> words = line.words();
    if (words.empty() || words[0].text == "sl") continue;
    auto socket = read_row(text, line);
    if (!socket) return tl::unexpected(std::move(socket.error()));
    sockets.push_back(*socket);
  }
  return sockets;
}

}  // namespace netlimits::scenarios
