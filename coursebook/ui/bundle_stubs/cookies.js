// Stands for universal-cookie: no state keeps anything in a cookie (the build makes sure).
export default class Cookies {
  get() {}
  set() {}
  remove() {}
}
