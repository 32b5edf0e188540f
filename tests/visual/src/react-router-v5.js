// What react-router-dom-v5-compat wants of version 5, which we do not have or use.
export const useHistory = () => ({});
export const Route = () => null;
