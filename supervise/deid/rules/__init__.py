"""Rules of the room: which key an original lies under, what a screening holds, what its page shows."""
