// A random script while it is written: the draws it is written from, its steps, and the sockets that it has named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/script_worlds.hpp"
#include "model/script/script.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::fuzz {

template <class T>
struct Weighted {
  std::uint32_t weight;
  T value;
};

class ScriptDraft {
 public:
  struct Socket {
    std::string name;
    std::string process;  // "a/p"
    bool six = false;
    bool dgram = false;
  };
  struct Wish {
    std::string process{};  // empty: any
    bool six = false;
    bool dgram = false;
    bool nonblocking = false;
  };

  // Both must outlive the draft.
  ScriptDraft(sim::RandomStream& draws, const ScriptWorld& world) : draws_(draws), world_(world) {}

  const ScriptWorld& world() const { return world_; }
  std::vector<Step> take_steps();
  std::size_t length() const { return steps_.size(); }

  // ---- draws. Not more than one in the arguments of a call: their order would be the compiler's.
  std::uint32_t below(std::uint32_t bound) { return draws_.bits() % bound; }
  bool drawn(std::uint32_t per_cent) { return below(100) < per_cent; }
  template <class T, std::size_t N>
  const T& pick(const std::array<Weighted<T>, N>& choices) {
    std::uint32_t total = 0;
    for (const auto& choice : choices) total += choice.weight;
    std::uint32_t left = below(total);
    for (const auto& choice : choices) {
      if (left < choice.weight) return choice.value;
      left -= choice.weight;
    }
    return choices.back().value;
  }
  template <class T, std::size_t N>
  const T& any(const std::array<T, N>& choices) {
    return choices[below(N)];
  }

  // ---- sockets
  const std::vector<Socket>& sockets() const { return sockets_; }
  const Socket& some_socket();  // mostly a recent one. Requires: there is one.
  std::string some_process();
  std::string other_host_process(std::string_view process);  // on the other host of a wire, else any

  // ---- steps
  Step& add(Call call);
  Step& last() { return steps_.back(); }
  Step& add(Call call, const Socket& socket);
  Socket socket(const Wish& wish);
  void option(const Socket& socket, std::string_view name, std::initializer_list<std::int64_t> value = {1});
  void device(const Socket& socket, std::string_view name);
  void bind(const Socket& socket, std::string_view address, std::uint16_t port);
  void listen(const Socket& socket, std::int64_t backlog);
  void connect(const Socket& socket, std::string_view address, std::uint16_t port);
  Socket accept(const Socket& listener);
  void send(const Socket& socket, std::int64_t bytes);
  void receive(const Socket& socket);
  void shutdown(const Socket& socket, std::string_view how);
  void close(const Socket& socket) { add(Call::close, socket); }
  void disconnect(const Socket& socket) { add(Call::disconnect, socket); }
  void await(const Socket& socket, bool connected);
  void sleep(Duration time);
  void setting(std::string_view host, std::string_view name, std::string_view value);
  void exit(std::string_view process);
  // Tells what is to be seen of the socket.
  void look(const Socket& socket);

 private:
  std::string new_name();

  sim::RandomStream& draws_;
  const ScriptWorld& world_;
  std::vector<Step> steps_;
  std::vector<Socket> sockets_;
  std::set<std::string> senders_;  // stream sockets that have sent
  std::uint32_t next_name_ = 0;
};

}  // namespace netlimits::fuzz
