// Black office swivel chair: five-star base on castors, gas column, arm rests, high curved back.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "common.inc"

camera {
  location <-150, 125, -270>
  right x*3/4 up y
  angle 20
  look_at <0, 59, 2>
}
Studio(320)
Softbox(<-220, 320, -220>, <0, 50, 0>, 160, rgb 0.8)
Fill(<260, 240, -180>, rgb 0.35)

#declare Leather = texture {
  pigment { rgb 0.02 }
  normal {
    average
    normal_map { [1 granite 0.12 scale 2.2] [1 bumps 0.3 scale 7] }
  }
  finish { diffuse 0.85 specular 0.28 roughness 0.05 reflection { 0.015, 0.12 fresnel on } }
}

// Castor: two wheels and a hood, its stem on the y axis.
#declare Castor = union {
  #declare S = -1;
  #while (S < 2)
    union {
      cylinder { <S*0.6, 0, 0>, <S*2.4, 0, 0>, 2.7 }
      torus { 2.3, 0.55 rotate 90*z translate S*2.2*x }
      torus { 2.3, 0.55 rotate 90*z translate S*0.9*x }
      cylinder { <S*2.4, 0, 0>, <S*2.8, 0, 0>, 1.0 }
      translate <0, 2.85, 1.6>
    }
    #declare S = S + 2;
  #end
  difference {
    cylinder { <-1.6, 2.85, 1.6>, <1.6, 2.85, 1.6>, 3.3 }
    plane { y, 2.5 }
  }
  cylinder { <0, 3, 0>, <0, 8, 0>, 0.8 }
  texture { BlackPlastic }
}

// Base.
#declare I = 0;
#while (I < 5)
  union {
    sphere_sweep {
      cubic_spline 5
      <-10, 14, 0>, 3.2, <0, 13, 0>, 3.2, <12, 11.8, 0>, 2.6, <31, 8.4, 0>, 1.7, <45, 5, 0>, 1.5
      texture { Chrome }
    }
    object { Castor rotate (40 + 77*I)*y translate 30.5*x }
    rotate (72*I + 20)*y
  }
  #declare I = I + 1;
#end
cylinder { <0, 9, 0>, <0, 16.5, 0>, 4 texture { Chrome } }
cylinder { <0, 16, 0>, <0, 30, 0>, 2.7 texture { BlackPlastic } }
cylinder { <0, 29, 0>, <0, 44, 0>, 1.5 texture { Chrome } }
object { RBox(<-9, 41, -11>, <9, 45.5, 13>, 1.2) texture { BlackPlastic } }
cylinder { <-8, 42.5, -4>, <-25, 42, -4>, 0.55 texture { BlackPlastic } }
sphere_sweep { linear_spline 2 <-22, 42, -4>, 1.1, <-26, 42, -4>, 1.0 texture { BlackPlastic } }

// Upper part, turned a little on the column.
union {
  // Seat: front edge rolled down, a seam across.
  isosurface {
    function {
      RoundBox(x, y/(1 + 0.25*max(0, 1 - x*x/650)) + 0.0028*pow(max(0, -z - 6), 2) - 0.0016*x*x, z, 25.5, 5, 25, 4.6)
      - 0.5*(Noise(x/9, y/9, z/9) - 0.5)
      + 0.8*exp(-pow((abs(x) - 17)/0.7, 2))
    }
    contained_by { box { <-27, -7.5, -27>, <27, 8, 27> } }
    accuracy 0.02
    max_gradient 1.8
    texture { Leather }
    translate <0, 50.5, -1>
  }
  // Back: leaning, curved forward at the sides, hollow at the loins, with cross seams.
  isosurface {
    function {
      RoundBox(x*(1 + 0.0022*max(0, y)*max(0,y)/9), y, z + 0.0075*x*x - 2.6*cos(y/11.5), 24, 33, 4.2, 4)
      - 0.4*(Noise(x/8, y/8, z/8 + 5) - 0.5)
      + 0.9*exp(-pow((y - 16)/0.8, 2))
      + 0.9*exp(-pow((y - 1)/0.8, 2))
      + 0.9*exp(-pow((y + 14)/0.8, 2))
    }
    contained_by { box { <-27, -35, -11>, <27, 35, 9> } }
    accuracy 0.02
    max_gradient 2.6
    texture { Leather }
    rotate 10*x
    translate <0, 85, 25>
  }
  sphere_sweep {
    cubic_spline 5
    <0, 42, -5>, 2.6, <0, 44, 8>, 2.6, <0, 47, 28>, 2.6, <0, 62, 31>, 2.6, <0, 78, 34>, 2.6
    scale <1.6, 1, 1>
    texture { BlackPlastic }
  }
  // Arm rests.
  #declare S = -1;
  #while (S < 2)
    sphere_sweep {
      b_spline 10
      <S*10, 46, -7>, 1.5, <S*20, 45.5, -6>, 1.5, <S*30, 46, -6>, 1.6, <S*33, 55, -10>, 1.7, <S*33, 66, -13>, 1.8,
      <S*32.5, 71, -8>, 1.9, <S*32, 71, 8>, 1.9, <S*31, 69, 20>, 1.8, <S*25, 66, 27>, 1.7, <S*16, 64, 29>, 1.6
      texture { BlackPlastic }
    }
    object {
      RBox(<-3.4, -1.6, -13>, <3.4, 1.6, 13>, 1.55)
      rotate <0, S*2, 0>
      translate <S*32, 71.8, 1>
      texture { Leather }
    }
    #declare S = S + 2;
  #end
  rotate 8*y
}
