// Dump and destruction through NETLINK_SOCK_DIAG; the kernel's socket states as the model's.
#include "live/sandbox/sock_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <optional>

#include "live/sandbox/netlink_object.hpp"

namespace netlimits::live {
namespace {

SystemResult<NetlinkObject<nl_sock>> open_diag() {
  NetlinkObject<nl_sock> socket(nl_socket_alloc());
  if (!socket) return netlink_failure("sock_diag", -NLE_NOMEM);
  if (const int code = nl_connect(socket.get(), NETLINK_SOCK_DIAG); code < 0) return netlink_failure("sock_diag", code);
  nl_socket_set_buffer_size(socket.get(), 1 << 20, 0);
  nl_socket_set_msg_buf_size(socket.get(), 1 << 17);
  return socket;
}

// include/net/tcp_states.h. A request may also ask for number 13, bound and inactive; the answer then says closed.
constexpr std::uint32_t bound_inactive = 1U << 13U;
constexpr std::uint8_t entry_timer = 3;  // net/ipv4/inet_diag.c, inet_twsk_diag_fill
constexpr std::array states_by_number{
    TcpState::closed,     TcpState::established, TcpState::syn_sent,    TcpState::syn_received, TcpState::fin_wait_1,
    TcpState::fin_wait_2, TcpState::time_wait,   TcpState::closed,      TcpState::close_wait,   TcpState::last_ack,
    TcpState::listen,     TcpState::closing,     TcpState::syn_received};

std::uint32_t kernel_states(std::uint32_t states) {
  std::uint32_t result = 0;
  for (std::size_t number = 1; number < states_by_number.size(); ++number) {
    if (number == 7) continue;
    if ((states & state_bit(states_by_number.at(number))) != 0) result |= 1U << number;
  }
  if ((states & bound_only) != 0) result |= bound_inactive;
  return result;
}

IpAddress address_of(unsigned char family, const __be32* words) {
  if (family == AF_INET) return IpAddress::v4(ntohl(words[0]));
  const std::uint64_t high = std::uint64_t{ntohl(words[0])} << 32U | ntohl(words[1]);
  const std::uint64_t low = std::uint64_t{ntohl(words[2])} << 32U | ntohl(words[3]);
  return IpAddress::v6(high, low).unmapped();
}

struct SocketVisitor {
  const std::function<void(const SeenSocket&)>* visit;
};

int on_socket(nl_msg* message, void* argument) {
  const nlmsghdr* header = nlmsg_hdr(message);
  if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return NL_OK;
  inet_diag_msg seen{};
  std::memcpy(&seen, nlmsg_data(header), sizeof seen);
  if (seen.idiag_state >= states_by_number.size()) return NL_OK;
  SeenSocket socket;
  socket.state = states_by_number.at(seen.idiag_state);
  socket.tuple.local = {address_of(seen.idiag_family, seen.id.idiag_src), Port{ntohs(seen.id.idiag_sport)}};
  socket.tuple.remote = {address_of(seen.idiag_family, seen.id.idiag_dst), Port{ntohs(seen.id.idiag_dport)}};
  socket.inode = seen.idiag_inode;
  if (const nlattr* mark = nlmsg_find_attr(nlmsg_hdr(message), sizeof seen, INET_DIAG_MARK))
    socket.mark = nla_get_u32(mark);
  if (seen.idiag_timer == entry_timer) socket.entry_ends_after = std::chrono::milliseconds(seen.idiag_expires);
  if (socket.state == TcpState::listen) {
    socket.queued = seen.idiag_rqueue;
    socket.backlog = seen.idiag_wqueue;
  }
  (*static_cast<SocketVisitor*>(argument)->visit)(socket);
  return NL_OK;
}

SystemResult<void> dump(unsigned char family, std::uint32_t states,
                        const std::function<void(const SeenSocket&)>& visit) {
  auto socket = open_diag();
  if (!socket) return tl::unexpected(socket.error());
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_states = kernel_states(states);
  SocketVisitor visitor{&visit};
  nl_socket_modify_cb(socket->get(), NL_CB_VALID, NL_CB_CUSTOM, on_socket, &visitor);
  // The table may change under the dump; for counting, what was passed over or seen twice in that instant is noise.
  nl_socket_modify_cb(
      socket->get(), NL_CB_DUMP_INTR, NL_CB_CUSTOM, [](nl_msg*, void*) -> int { return NL_OK; }, nullptr);
  int code = nl_send_simple(socket->get(), SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof request);
  if (code < 0) return netlink_failure("list sockets", code);
  code = nl_recvmsgs_default(socket->get());
  if (code < 0 && code != -NLE_DUMP_INTR) return netlink_failure("list sockets", code);
  return {};
}

void write_address(__be32* words, const IpAddress& address) {
  if (address.is_v4()) {
    words[0] = htonl(address.v4_bits());
    return;
  }
  words[0] = htonl(static_cast<std::uint32_t>(address.high() >> 32U));
  words[1] = htonl(static_cast<std::uint32_t>(address.high()));
  words[2] = htonl(static_cast<std::uint32_t>(address.low() >> 32U));
  words[3] = htonl(static_cast<std::uint32_t>(address.low()));
}

}  // namespace

SystemResult<void> each_tcp_socket(std::uint32_t states, const std::function<void(const SeenSocket&)>& visit) {
  if (auto done = dump(AF_INET, states, visit); !done) return done;
  return dump(AF_INET6, states, visit);
}

SystemResult<void> destroy_tcp_sockets(std::span<const FourTuple> tuples) {
  auto socket = open_diag();
  if (!socket) return tl::unexpected(socket.error());
  for (const FourTuple& tuple : tuples) {
    inet_diag_req_v2 request{};
    request.sdiag_family = static_cast<unsigned char>(tuple.local.address.is_v4() ? AF_INET : AF_INET6);
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = ~0U;
    request.id.idiag_sport = htons(tuple.local.port.value);
    request.id.idiag_dport = htons(tuple.remote.port.value);
    write_address(request.id.idiag_src, tuple.local.address);
    write_address(request.id.idiag_dst, tuple.remote.address);
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    int code = nl_send_simple(socket->get(), SOCK_DESTROY, NLM_F_ACK, &request, sizeof request);
    if (code < 0) return netlink_failure("destroy a socket", code);
    code = nl_wait_for_ack(socket->get());
    if (code < 0 && code != -NLE_OBJ_NOTFOUND) return netlink_failure("destroy a socket", code);
  }
  return {};
}

}  // namespace netlimits::live
