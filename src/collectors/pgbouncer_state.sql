show state
