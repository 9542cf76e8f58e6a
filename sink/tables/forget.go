package tables

// Forget drops what is known of the central database, which has become another
// one: whether versions are remembered there is found out anew.
func (k *Keeper) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remembers = nil
}
